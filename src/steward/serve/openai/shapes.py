"""What programs send to the API of OpenAI, as far as it is understood; the rest is passed over.

https://platform.openai.com/docs/api-reference
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

MAX_CHARACTERS = 65_536
MAX_MESSAGES = 512
MAX_TOKENS = 4096
Text = Annotated[str, Field(max_length=MAX_CHARACTERS)]
Name = Annotated[str, Field(min_length=1, max_length=128, examples=["steward"])]


class Shape(BaseModel):
    """Base of the shapes below: frozen; what is not listed is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class TextPart(Shape):
    """A part of a message; only text is understood."""

    type: Literal["text", "input_text", "output_text"]
    text: Text


class Function(Shape):
    """A function that the model may call; `parameters` is a JSON schema."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    description: Annotated[str, Field(max_length=4096)] = ""
    parameters: dict[str, JsonValue] = {"type": "object"}


class Tool(Shape):
    """A tool; only functions are understood."""

    type: Literal["function"]
    function: Function


class CalledFunction(Shape):
    """What of a function was called: `arguments` is JSON."""

    name: Name
    arguments: Text = "{}"


class CalledTool(Shape):
    """A call that the assistant made earlier."""

    id: str = ""
    type: Literal["function"] = "function"
    function: CalledFunction


class ChatMessage(Shape):
    """One message of a chat."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Text | tuple[TextPart, ...] | None = None
    tool_calls: tuple[CalledTool, ...] = ()
    tool_call_id: str = ""

    @property
    def text(self) -> str:
        """What it says."""
        if isinstance(self.content, str):
            return self.content
        return "".join(part.text for part in self.content or ())


class JsonSchema(Shape):
    """A schema that the answer must satisfy."""

    name: str = ""
    schema_: dict[str, JsonValue] = Field({"type": "object"}, alias="schema")


class ResponseFormat(Shape):
    """The form of the answer."""

    type: Literal["text", "json_object", "json_schema"] = "text"
    json_schema: JsonSchema | None = None


class NamedTool(Shape):
    """The tool that must be called."""

    type: Literal["function"] = "function"
    function: CalledFunction


Strength = Annotated[float, Field(ge=-4, le=4)]


class Chat(Shape):
    """A request for the next message of a chat."""

    model: Name
    messages: Annotated[tuple[ChatMessage, ...], Field(min_length=1, max_length=MAX_MESSAGES)]
    stream: bool = False
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    tools: Annotated[tuple[Tool, ...], Field(max_length=64)] = ()
    tool_choice: Literal["none", "auto", "required"] | NamedTool = "auto"
    response_format: ResponseFormat = ResponseFormat()
    adapters: Annotated[dict[str, Strength], Field(max_length=16)] = {}
    """Not OpenAI's: LoRA adapters to switch on, by their names in the configuration."""

    @property
    def most(self) -> int:
        """The most tokens to generate."""
        return min(self.max_completion_tokens or self.max_tokens or 512, MAX_TOKENS)


class Response(Shape):
    """A request for a response; `previous_response_id` continues a conversation."""

    model: Name
    input: Text | Annotated[tuple[ChatMessage, ...], Field(min_length=1, max_length=MAX_MESSAGES)]
    instructions: Text | None = None
    previous_response_id: Annotated[str, Field(max_length=128)] | None = None
    stream: bool = False
    max_output_tokens: Annotated[int, Field(ge=1)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None


class Embed(Shape):
    """A request for the embeddings of texts."""

    model: Name
    input: Text | Annotated[tuple[Text, ...], Field(min_length=1, max_length=256)]
    encoding_format: Literal["float", "base64"] = "float"


class Speak(Shape):
    """A request to say something; the language is that of the text, whatever `voice` says."""

    model: Name
    input: Annotated[str, Field(min_length=1, max_length=4096)]
    voice: Any = None
    response_format: Literal["mp3", "opus", "flac", "wav", "pcm"] = "mp3"


class Transcribe(Shape):
    """A request to write down what is said in `file`, any sound that libsndfile reads."""

    model: Name
    file: Annotated[bytes, Field(json_schema_extra={"format": "binary"})] = b""
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None
    response_format: Literal["json", "text", "verbose_json"] = "json"
