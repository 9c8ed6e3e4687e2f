"""Which file of a Hugging Face repository holds a model in a wanted quantisation."""

from __future__ import annotations

import re

import httpx
from pydantic import BaseModel, ValidationError

from steward.errors import PeerError, UserError
from steward.models.shown import shown
from steward.models.source import hub_base
from steward.models.web import TIMEOUT

_KIND = re.compile(r"(?:IQ|TQ|Q)\d[A-Z0-9_]*|BF16|F16|F32|MXFP4", re.IGNORECASE)


class _File(BaseModel):
    rfilename: str


class _Repository(BaseModel):
    siblings: list[_File]


def gguf_of(repository: str, kind: str) -> str:
    """Return `hf:OWNER/REPOSITORY/FILE` of the model in the quantisation `kind`, such as "Q4_K_M".

    Raises:
        UserError: there is none of that kind.
        PeerError: the hub, or its mirror in $HF_ENDPOINT, did not answer rightly.
    """
    url = f"{hub_base()}/api/models/{repository}"
    hint = "check the network; or name the file: hf:OWNER/REPOSITORY/FILE"
    try:
        answer = httpx.get(url, timeout=TIMEOUT, follow_redirects=True)
        answer.raise_for_status()
        listed = _Repository.model_validate_json(answer.content).siblings
    except httpx.HTTPStatusError as error:
        said = f"{error.response.status_code} {error.response.reason_phrase}"
        raise PeerError(f"{shown(url)} answered {said}", hint=hint) from error
    except (httpx.HTTPError, httpx.InvalidURL, ValidationError) as error:
        raise PeerError(f"cannot read what {shown(url)} has: {error}", hint=hint) from error
    kinds: dict[str, str] = {}
    for name in sorted(file.rfilename for file in listed):
        found = _KIND.findall(name.rpartition("/")[2])
        if name.endswith(".gguf") and found and "mmproj" not in name and "-of-" not in name:
            kinds.setdefault(found[-1].upper(), name)
    if kind.upper() not in kinds:
        raise UserError(
            f"{repository} has no file of the kind {kind:.40}",
            hint=f"choose another --kind: {', '.join(kinds) or 'it has none in one file'}",
        )
    return f"hf:{repository}/{kinds[kind.upper()]}"
