"""What of OpenAI's API there is."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from steward.audit import Audit
from steward.config import Config
from steward.lazy import Lazy
from steward.models.embedding import Embedder
from steward.models.store import Store
from steward.serve.butler import Butler
from steward.serve.endpoint import Endpoint
from steward.serve.openai.answers import (
    Completion,
    Embeddings,
    Model,
    Models,
    Responded,
    Transcription,
)
from steward.serve.openai.audio import Sounds
from steward.serve.openai.chat import Chats, json_of
from steward.serve.openai.embeddings import Directions
from steward.serve.openai.errors import refused
from steward.serve.openai.names import Names, names_of, no_such_model
from steward.serve.openai.responses import Responses
from steward.serve.openai.shapes import Chat, Embed, Speak, Transcribe
from steward.serve.openai.shapes import Response as Asked
from steward.serve.openai.steward import StewardModel


def openai_endpoints(butler: Butler, config: Config, audit: Audit) -> tuple[Endpoint, ...]:
    """Return the endpoints under /v1."""
    names, engines, steward = names_of(config), butler.engines, StewardModel(butler, audit)
    models, sounds = _Models(names), Sounds(engines, names)
    chats, responses = Chats(steward, engines, names), Responses(steward, engines, names)
    directions = Directions(Lazy(lambda: Embedder(Store(config.paths.cache))))
    return (
        Endpoint("GET", "/v1/models", models.all, answer=Models),
        Endpoint(
            "GET", "/v1/models/{name}", models.one, answer=Model, parameters={"name": "its id"}
        ),
        Endpoint("POST", "/v1/chat/completions", chats.complete, body=Chat, answer=Completion),
        Endpoint("POST", "/v1/responses", responses.respond, body=Asked, answer=Responded),
        Endpoint("POST", "/v1/embeddings", directions.embed, body=Embed, answer=Embeddings),
        Endpoint(
            "POST",
            "/v1/audio/transcriptions",
            sounds.transcribe,
            body=Transcribe,
            takes="multipart/form-data",
            answer=Transcription,
        ),
        Endpoint("POST", "/v1/audio/speech", sounds.speak, body=Speak, media="audio/mpeg"),
    )


class _Models:
    def __init__(self, names: Names) -> None:
        self._models = {name: Model(id=name) for name in names.all}

    async def all(self, _: Request) -> Response:
        """List the models: `steward` is the butler, the others are what he is made of."""
        return json_of(Models(data=tuple(self._models.values())))

    async def one(self, request: Request) -> Response:
        """Tell of one model."""
        name = request.path_params["name"]
        if name not in self._models:
            return refused(no_such_model(name))
        return json_of(self._models[name])
