"""What the public reads is translated in full in every language that has a catalogue."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.conf import settings

# Where the words stand that a reporter may read. Staff pages fall back to English, and to Django's own catalogues.
PUBLIC_SOURCES = re.compile(
    r"^(templates/(public|countries|reports)/|reports/(forms|outcomes|privacy|questions|receipts|tokens)\.py|reports/views/"
    r"|countries/(views|errors|pages|context_processors)\.py)"
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|<[^>]+>")
TRANSLATED = [language for language, _ in settings.LANGUAGES if language != "en"]


def messages(language: str) -> list[Message]:
    path = Path(settings.BASE_DIR, "locale", language, "LC_MESSAGES", "django.po")
    with path.open("rb") as file:
        return [
            message
            for message in read_po(file)
            if message.id and any(PUBLIC_SOURCES.match(place) for place, _ in message.locations)
        ]


def texts(value: str | list[str] | tuple[str, ...] | None) -> list[str]:
    value = value or ""
    return [value] if isinstance(value, str) else list(value)


@pytest.mark.parametrize("language", TRANSLATED)
def test_public_words_are_translated(language: str) -> None:
    found = messages(language)
    assert len(found) > 100
    missing = [texts(each.id)[0] for each in found if not all(texts(each.string or "")) or each.fuzzy]
    assert missing == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_keep_what_is_filled_in(language: str) -> None:
    wrong = [
        text
        for each in messages(language)
        for text in texts(each.string)
        if not set(PLACEHOLDER.findall(text)) <= set(PLACEHOLDER.findall(" ".join(texts(each.id))))
        or (isinstance(each.id, str) and set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(each.id)))
    ]
    assert wrong == []
