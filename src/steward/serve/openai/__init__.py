"""The API of OpenAI, so that programs written for it can talk to the butler and his models."""
