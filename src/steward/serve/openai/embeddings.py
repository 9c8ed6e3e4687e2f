"""POST /v1/embeddings."""

from __future__ import annotations

import asyncio
import base64

from starlette.requests import Request
from starlette.responses import Response

from steward.errors import StewardError
from steward.lazy import Lazy
from steward.models.embedding import Embedder
from steward.serve.body import read_body
from steward.serve.endpoint import parse
from steward.serve.openai.answers import Embedding, Embeddings
from steward.serve.openai.chat import BODY_SECONDS, MAX_BYTES, json_of
from steward.serve.openai.errors import refused
from steward.serve.openai.names import EMBEDS, no_such_model
from steward.serve.openai.shapes import Embed


class Directions:
    """Embeds texts for other programs, one request at a time."""

    def __init__(self, embedder: Lazy[Embedder]) -> None:
        self._embedder = embedder
        self._turn = asyncio.Lock()

    async def embed(self, request: Request) -> Response:
        """Turn texts into vectors: near ones mean nearly the same, also in different languages.

        The weights are not among the usual ones: steward setup --with multilingual-e5-small.
        """
        try:
            asked = parse(Embed, await read_body(request, MAX_BYTES, BODY_SECONDS))
            if asked.model != EMBEDS:
                raise no_such_model(asked.model)
            texts = [asked.input] if isinstance(asked.input, str) else list(asked.input)
            embedder = await self._embedder.get()
            async with self._turn:
                vectors = await asyncio.to_thread(embedder.embed, texts)
        except StewardError as error:
            return refused(error)
        packed = asked.encoding_format == "base64"
        data = tuple(
            Embedding(
                index=index,
                embedding=base64.b64encode(vector.astype("<f4").tobytes()).decode()
                if packed
                else tuple(vector.tolist()),
            )
            for index, vector in enumerate(vectors)
        )
        return json_of(Embeddings(model=asked.model, data=data))
