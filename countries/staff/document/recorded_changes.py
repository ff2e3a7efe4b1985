"""Old and new values of the fields of portals, help services and languages, as audit events record them."""

import hashlib
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import CharField, EmailField, Field, Model, TextField, URLField
from django.utils.functional import Promise

from audit.actions import JSON
from audit.changes import describe_changes, shorten_text
from audit.free_text import TextRule
from countries.models import HelpService, Language, Picture, Portal
from countries.staff.document.portal_document import LISTS, NAME_FIELDS, NAME_MODELS, Document
from countries.staff.document.portal_fields import PORTAL_FIELD_NAMES, SECRETS
from countries.staff.document.text_reviews import review_changes

# An event says only this of a secret.
CHANGED = "changed"
# Under it, a row's names and notes by language.
LISTED_TEXTS = "languages"
# Under it, the reviews of a portal text, by its parts.
LISTED_REVIEWS = "reviews"


def describe_portal_changes(before: Document, after: Document) -> dict[str, JSON]:
    """Old and new value of each field that differs; `before` is {} for a new portal.

    The portal's own fields by name, and for each list its rows by their key; names and notes of a row by language,
    under LISTED_TEXTS. Long texts are shortened, pictures are given by digest and size, secrets not at all.
    """
    changes = describe_row_changes(before, after, PORTAL_FIELD_NAMES)
    for part, (_model, fields, key) in LISTS.items():
        changes |= _describe_rows(part, before.get(part, []), after.get(part, []), fields, key)
    return changes


def describe_row_changes(before: Document, after: Document, fields: Sequence[str]) -> dict[str, JSON]:
    """The same for one row; `before` is {} for an added row, `after` for a removed one."""
    is_changed_row = bool(before and after)
    was, is_now = (
        {name: _recorded_value(row.get(name)) for name in fields if is_changed_row or _is_given(name, row.get(name))}
        for row in (before, after)
    )
    changes = describe_changes(was, is_now)
    return {name: CHANGED if name in SECRETS else pair for name, pair in changes.items()}


def field_labels() -> dict[str, str | Promise]:
    """Labels of the names in these changes, as the admin pages call them."""
    labels: dict[str, str | Promise] = {
        name: model._meta.verbose_name_plural or name for name, (model, _fields, _key) in LISTS.items()
    }
    for field in _recorded_fields():
        labels.setdefault(field.name, field.verbose_name)
    return labels


def field_rules() -> dict[str, TextRule]:
    """The fields and lists in these changes whose values, or names of rows, are words or addresses for the public."""
    rules = dict.fromkeys((*LISTS, LISTED_TEXTS), TextRule.WORDS)
    for field in _recorded_fields():
        if isinstance(field, URLField | EmailField):
            rules.setdefault(field.name, TextRule.CONTACT_ADDRESS)
        elif isinstance(field, CharField | TextField) and not field.choices:
            rules.setdefault(field.name, TextRule.WORDS)
    return rules


def _recorded_fields() -> "Iterator[Field[Any, Any]]":
    lists: list[type[Model]] = [model for model, _fields, _key in LISTS.values()]
    models: list[type[Model]] = [Portal, *lists, *NAME_MODELS.values(), HelpService, Language, Picture]
    yield from (field for model in models for field in model._meta.get_fields() if isinstance(field, Field))


def payload_changes(payload: Mapping[str, JSON]) -> dict[str, JSON]:
    """The changes as events of an approval request state them. Older requests hold the names of fields only."""
    return {name: payload[name] for name in ("changes", "fields") if name in payload}


def _describe_rows(
    part: str, before: list[Document], after: list[Document], fields: Sequence[str], key: Sequence[str]
) -> dict[str, JSON]:
    was, is_now = ({", ".join(str(row[name]) for name in key): row for row in rows} for rows in (before, after))
    values: dict[str, JSON] = {}
    for name in dict.fromkeys([*was, *is_now]):
        old, new = was.get(name, {}), is_now.get(name, {})
        changes = describe_row_changes(old, new, fields)
        if part in NAME_MODELS:
            changes |= _describe_rows(
                LISTED_TEXTS, old.get("texts", []), new.get("texts", []), NAME_FIELDS, ("language",)
            )
        elif part == "texts" and (reviews := _describe_reviews(old, new)):
            changes[LISTED_REVIEWS] = reviews
        if changes:
            values[name] = changes
    return {part: values} if values else {}


def _describe_reviews(before: Document, after: Document) -> dict[str, JSON]:
    """Who reviewed each part and when, where that is new or ends because the text changes."""
    return {part.value: {"before": was, "after": is_now} for part, was, is_now in review_changes(before, after)}


def _is_given(name: str, value: object) -> bool:
    """Whether a field of an added or removed row has a value that says something beside the others."""
    return bool(value) and name not in ("position", "verified_digest")


def _recorded_value(value: object) -> JSON:
    match value:
        case str() as text:
            return shorten_text(text)
        case None | bool() | int():
            return value
        case {"content": str(content), "media_type": str(media_type), "width": int(width), "height": int(height)}:
            # The digest is the picture's key, `Picture.digest`.
            digest = hashlib.sha256(b64decode(content)).hexdigest()
            return {"digest": digest, "media_type": media_type, "width": width, "height": height}
        case _:
            raise TypeError(f"A document holds no {type(value).__name__}.")
