"""What is said of the owner's own words: taught, forgotten, listed, or why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from steward.plan.language.tables import table
from steward.plan.reply.telling import Told
from steward.plan.reply.words import FALLBACK
from steward.types import Json


def say(language: str, key: str) -> str:
    """Return the sentence `key` in `language`; in English where there is none."""
    own = table("steward.plan.owner", "phrases", language.partition("-")[0])
    return str(own.get(key) or table("steward.plan.owner", "phrases", FALLBACK)[key])


def report_words(story: Told) -> str:
    """Return the sentence about a request to learn, forget or list words."""
    language = story.language
    phrase = str(story.call.arguments.get("phrase", ""))
    if story.failure is not None:
        gone = story.failure.reason == "not_found"
        return say(language, "not_found" if gone else "failed").format(phrase=phrase)
    if story.service == "list":
        return _listed(story, language)
    if story.service == "forget":
        return say(language, "forgotten").format(phrase=phrase)
    kind = str(story.call.arguments.get("kind"))
    key = f"{kind}_again" if story.value.get("before") else kind
    return say(language, key).format(phrase=phrase, meaning=story.slots.get("told", ""))


def _listed(story: Told, language: str) -> str:
    words = _items(story.value.get("words"))
    if not words:
        return say(language, "none")
    names = story.slots.get("names")
    names = names if isinstance(names, Mapping) else {}
    told = []
    for word in words:
        meaning = str(word.get("meaning"))
        form = f"item_{word.get('kind')}"
        if word.get("kind") == "name" and meaning not in names:
            form = "item_gone"
        told.append(
            say(language, form).format(
                phrase=word.get("phrase"), meaning=names.get(meaning, meaning)
            )
        )
    return say(language, "listed").format(items=say(language, "between").join(told))


def _items(value: Json) -> Sequence[Mapping[str, Json]]:
    listed = value if isinstance(value, list | tuple) else ()
    return [each for each in listed if isinstance(each, Mapping)]
