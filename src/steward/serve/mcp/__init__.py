"""The butler for other programs, by the Model Context Protocol (modelcontextprotocol.io)."""
