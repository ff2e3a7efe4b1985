"""The texts that ship with the product: the letters, fixed wordings, and the line with which a letter states a fact."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from analysts.codes import Severity
from analysts.codes.recipient_kinds import REFERRED
from analysts.models import NoticeTemplate, Purpose, RecipientKind
from analysts.takedown.notices.placeholders import Placeholder, compulsory_placeholders, missing_placeholders
from countries.languages import FALLBACK, nearest_text

SHIPPED = Path(__file__).parent / "shipped"


class ShippedLetter(NamedTuple):
    kind: RecipientKind
    purpose: Purpose
    subject: str
    body: str


class ShippedLanguage(NamedTuple):
    """The texts of one language; `paragraphs`, `wordings` and `messages` by name. A language may have no letters.

    `messages`: the paragraphs of letters that answer a reply, by topic.
    """

    letters: tuple[ShippedLetter, ...]
    paragraphs: Mapping[str, str]
    wordings: Mapping[str, str]
    messages: Mapping[str, str]


@cache
def read_languages() -> dict[str, ShippedLanguage]:
    """All shipped texts by language. They change with a release only."""
    return {path.stem: _read_language(path) for path in sorted(SHIPPED.glob("*.toml"))}


def _read_language(path: Path) -> ShippedLanguage:
    kinds = tomllib.loads(path.read_text(encoding="utf-8"))
    wordings, paragraphs = (
        {name: text.strip() for name, text in kinds.pop(table).items()} for table in ("fixed", "paragraphs")
    )
    corrections, answers = (SHIPPED / folder / path.name for folder in ("corrections", "answers"))
    letters, messages = [*_read_letters(kinds, paragraphs)], {}
    if corrections.exists():
        kinds = tomllib.loads(corrections.read_text(encoding="utf-8"))
        letters += _read_letters(kinds, {name: text.strip() for name, text in kinds.pop("paragraphs").items()})
    if answers.exists():
        kinds = tomllib.loads(answers.read_text(encoding="utf-8"))
        of_answers, messages = (
            {name: text.strip() for name, text in kinds.pop(table).items()} for table in ("paragraphs", "messages")
        )
        letters += _read_letters(dict.fromkeys(REFERRED, kinds["every"]), of_answers)
    return ShippedLanguage(tuple(letters), paragraphs, wordings, messages)


def _read_letters(kinds: Mapping[str, Any], paragraphs: Mapping[str, str]) -> Iterator[ShippedLetter]:
    for kind, purposes in kinds.items():
        for purpose, letter in purposes.items():
            body = "\n\n".join(paragraphs[name] for name in letter["paragraphs"])
            yield ShippedLetter(RecipientKind(kind), Purpose(purpose), letter["subject"], body)


def wordings_in(tag: str) -> ShippedLanguage:
    """The shipped language for a text in `tag`: Portuguese will do for Brazilian Portuguese, and English for others."""
    languages = read_languages()
    return nearest_text(languages, tag, languages[FALLBACK])


def fixed_wording(placeholder: Placeholder, tag: str) -> str:
    """The wording of a placeholder that no operator can change."""
    return wordings_in(tag).wordings[placeholder]


def material_wording(severity: str, tag: str) -> str:
    """How letters name content of this category; "" for one that is not assessed yet."""
    return wordings_in(tag).wordings["inchoate" if severity == Severity.INCHOATE else "material"]


def message_of(topic: str, tag: str) -> str:
    """The paragraph of a letter that answers a reply; in English if the language has none."""
    return (wordings_in(tag).messages or wordings_in(FALLBACK).messages)[topic]


def complete_body(text: NoticeTemplate) -> str:
    """The body, with a line at its end for each compulsory placeholder that it lacks: it is older than the rule."""
    lines = [_line_with(placeholder, text.language) for placeholder in lacking_placeholders(text)]
    return "\n".join([text.body, "", *lines]) if lines else text.body


def lacking_placeholders(text: NoticeTemplate) -> list[Placeholder]:
    """The compulsory placeholders that the text does not have."""
    compulsory = compulsory_placeholders(RecipientKind(text.kind), Purpose(text.purpose))
    return missing_placeholders(text.body, compulsory)


def _line_with(placeholder: Placeholder, tag: str) -> str:
    return next(_lines_with(placeholder, tag))


def _lines_with(placeholder: Placeholder, tag: str) -> Iterator[str]:
    """The lines with the placeholder in the shipped paragraphs of the language, and then of English."""
    for language in (tag, FALLBACK):
        for paragraph in wordings_in(language).paragraphs.values():
            yield from (line for line in paragraph.splitlines() if f"{{{placeholder}}}" in line)
