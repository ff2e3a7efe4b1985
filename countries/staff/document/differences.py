"""Differences between two documents of a portal, for the second operator. `recorded_changes` has the audit event's."""

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Field, Model
from django.utils.translation import gettext as _

from countries.languages import language_name
from countries.models import Portal, TextReview
from countries.staff.document.portal_document import (
    LISTS,
    NAME_FIELDS,
    NAME_MODELS,
    PICTURES,
    Document,
)
from countries.staff.document.portal_fields import PORTAL_FIELD_NAMES
from countries.staff.document.recorded_changes import LISTED_REVIEWS, LISTED_TEXTS
from countries.staff.document.text_reviews import review_changes
from countries.staff.requests.approvals import digest_of


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text in both versions (`same`), only before (`removed`) or only after (`added`)."""

    how: str
    words: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs. `part` is its list ("" for the portal itself) and `row` identifies the row."""

    part: str
    row: str
    field: str
    label: str
    how: str
    before: str
    after: str

    @property
    def misleads(self) -> bool:
        """Whether a mistake in this field could send a person who needs help to the wrong people."""
        return self.part == "contacts" or self.field == "leave_to"

    @property
    def pieces(self) -> list[Piece]:
        return list(diff_pieces(self.before, self.after))


def find_differences(before: Document, after: Document) -> list[Difference]:
    """All differing fields in the order of the admin page; for an added or removed row, all its non-empty fields."""
    differences = find_field_differences(Portal, PORTAL_FIELD_NAMES, before, after)
    for part, (model, fields, key) in LISTS.items():
        was = {tuple(row[name] for name in key): row for row in before[part]}
        will_be = {tuple(row[name] for name in key): row for row in after[part]}
        for row_key in dict.fromkeys([*was, *will_be]):
            row = part, ", ".join(row_key)
            differences += _of_row(*row, model, fields, was.get(row_key), will_be.get(row_key))
            if part in NAME_MODELS:
                differences += _of_names(*row, was.get(row_key), will_be.get(row_key))
            elif row_key in will_be:
                differences += _of_reviews(*row, was.get(row_key) or {}, will_be[row_key])
    return differences


def _of_names(part: str, row: str, before: Document | None, after: Document | None) -> Iterator[Difference]:
    """The names and notes that differ, by language."""
    was = {text["language"]: text for text in (before or {}).get("texts", [])}
    will_be = {text["language"]: text for text in (after or {}).get("texts", [])}
    how = "added" if before is None else "removed" if after is None else "changed"
    for language in dict.fromkeys([*was, *will_be]):
        for field in NAME_FIELDS:
            old, new = (str(texts.get(language, {}).get(field, "")) for texts in (was, will_be))
            if old != new and field != "language":
                label = f"{_field_label(NAME_MODELS[part], field)} ({language_name(language)})"
                yield Difference(part, row, f"texts.{field}", label, how, old, new)


def find_field_differences(
    model: type[Model], fields: tuple[str, ...], before: Document, after: Document
) -> list[Difference]:
    """The fields of one row that differ, in this order."""
    return list(_of_row("", "", model, fields, before, after))


def _of_reviews(part: str, row: str, before: Document, after: Document) -> Iterator[Difference]:
    """The reviews that are new, and those that end because their text changes."""
    for text, was, will_be in review_changes(before, {"reviews": before.get("reviews", []), **after}):
        label = _("review: %(text)s") % {"text": text.label}
        yield Difference(part, row, "reviews", label, "changed", was, will_be)


def _of_row(
    part: str,
    row: str,
    model: type[Model],
    fields: tuple[str, ...],
    before: Document | None,
    after: Document | None,
) -> Iterator[Difference]:
    how = "added" if before is None else "removed" if after is None else "changed"
    for field in fields:
        was, will_be = (before or {}).get(field), (after or {}).get(field)
        # Skip empty fields of an added or removed row.
        quiet = how != "changed" and (field in BESIDE or not (was or will_be))
        if was != will_be and not quiet:
            label = _field_label(model, field)
            describe = DESCRIBED.get(field, _display_value)
            yield Difference(part, row, field, label, how, describe(was), describe(will_be))


def field_name_label(name: str) -> str:
    """The label of a field: of the portal, or as “contact: telephone” for `contacts.phone`.

    The label of rows below a row: “contact: languages”, “portal text: reviews of texts”.
    """
    part, _dot, field = name.partition(".")
    if part not in LISTS:
        return _field_label(Portal, name)
    model: type[Model] = LISTS[part][0]
    below = {LISTED_TEXTS: _("languages"), LISTED_REVIEWS: TextReview._meta.verbose_name_plural}
    return f"{model._meta.verbose_name}: {below.get(field) or _field_label(model, field)}"


def _field_label(model: type[Model], name: str) -> str:
    field = model._meta.get_field(name)
    return str(field.verbose_name) if isinstance(field, Field) else name


def _display_value(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return _("yes") if value else _("no")
        case _:
            return str(value)


def _describe_picture(picture: Document | None) -> str:
    if not picture:
        return ""
    # Part of the digest distinguishes it from other pictures of the same size.
    return _("picture of %(width)d × %(height)d, %(type)s, %(mark)s") % {
        "width": picture["width"],
        "height": picture["height"],
        "type": picture["media_type"],
        "mark": digest_of(picture)[:8],
    }


def _describe_verification(digest: str | None) -> str:
    """Part of the digest distinguishes the details that were verified from others."""
    return _("the details with the mark %(mark)s") % {"mark": digest[:8]} if digest else ""


# Fields of an added or removed row that say nothing beside the others.
BESIDE = ("position", "verified_digest")
DESCRIBED: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys(PICTURES, _describe_picture),
    "verified_digest": _describe_verification,
}
# Longer texts are compared line by line, because the cost grows with the square of the number of words.
MOST_WORDS = 3000


def diff_pieces(before: str, after: str) -> Iterator[Piece]:
    """The removed, added and unchanged pieces, word by word (line by line for long texts)."""
    split = _split_words if len(before) + len(after) < MOST_WORDS * 6 else _split_lines
    was, will_be = split(before), split(after)
    for how, start, end, other_start, other_end in difflib.SequenceMatcher(
        None, was, will_be, autojunk=False
    ).get_opcodes():
        if how == "equal":
            yield Piece("same", "".join(was[start:end]))
            continue
        if removed := "".join(was[start:end]):
            yield Piece("removed", removed)
        if added := "".join(will_be[other_start:other_end]):
            yield Piece("added", added)


def _split_words(text: str) -> list[str]:
    """Words with their following space, so that a space between two changed words does not count as unchanged."""
    return re.findall(r"\s+|\S+\s*", text)


def _split_lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)
