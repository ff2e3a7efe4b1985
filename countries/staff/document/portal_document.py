"""A portal as one document without database ids: everything that operators edit.

A document is plain JSON: the fields of Portal, `texts` by language with their `reviews` (`text_reviews`), `contacts` by
kind and name, `partners` by name and role, each of these two with its names and notes (`texts`) by language, pictures
in base64. State, opening day and
test report are not included. The catalogue's TOML files use the same format, except that empty and default values may
be omitted.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from countries.brand import too_close, too_light
from countries.models import (
    Contact,
    ContactText,
    Partner,
    PartnerText,
    Picture,
    Portal,
    PortalState,
    PortalText,
)
from countries.models.picture import build_picture, save_picture
from countries.staff.document.portal_fields import PORTAL_FIELD_NAMES, SECRETS
from countries.staff.document.text_reviews import apply_reviews, reviews_document

type Document = dict[str, Any]
type Row = PortalText | Contact | Partner
type NameRow = ContactText | PartnerText

# For each list: the model, its fields, and the fields that identify a row within its portal.
LISTS: dict[str, tuple[type[Row], tuple[str, ...], tuple[str, ...]]] = {
    "texts": (
        PortalText,
        ("language", "position", "title", "welcome", "about", "law", "suspended_message", "closed_message"),
        ("language",),
    ),
    "contacts": (
        Contact,
        (
            *("kind", "name", "name_language", "phone", "website", "source", "verified_on", "verified_by"),
            *("verified_digest", "position"),
        ),
        ("kind", "name"),
    ),
    "partners": (
        Partner,
        ("name", "name_language", "role", "website", "source", "confirmed", "verified_digest", "position", "logo"),
        ("name", "role"),
    ),
}
# The lists whose rows have names and notes by language, under the key `texts`.
NAME_MODELS: dict[str, type[NameRow]] = {"contacts": ContactText, "partners": PartnerText}
NAME_FIELDS = ("language", "name", "note")
PICTURES = ("logo", "crest")
PICTURE_FIELDS = ("content", "media_type", "width", "height")


def document_of(portal: Portal) -> Document:
    """The portal as stored, with normalised line endings."""
    document = {name: _field_value(portal, name) for name in PORTAL_FIELD_NAMES}
    for name, (model, fields, key) in LISTS.items():
        rows: models.QuerySet[Any] = model._default_manager.filter(portal=portal)
        if "logo" in fields:
            rows = rows.select_related("logo")
        rows = rows.prefetch_related("texts" if name in NAME_MODELS else "reviews")
        document[name] = sort_rows([_row_document(name, row, fields) for row in rows], key)
    return document


def _row_document(name: str, row: Row, fields: tuple[str, ...]) -> Document:
    values = {field: _field_value(row, field) for field in fields}
    if isinstance(row, PortalText):
        values["reviews"] = reviews_document(row)
    else:
        texts = [{field: _field_value(text, field) for field in NAME_FIELDS} for text in row.texts.all()]
        values["texts"] = sort_names(texts)
    return values


def sort_names(texts: list[Document]) -> list[Document]:
    return sorted(texts, key=lambda text: str(text["language"]))


def sort_rows(rows: list[Document], key: tuple[str, ...]) -> list[Document]:
    return sorted(rows, key=lambda row: (row["position"], *(row[name] for name in key)))


def without_secrets(document: Document) -> Document:
    return {**document, **dict.fromkeys(SECRETS, "")}


@transaction.atomic
def apply_document(portal: Portal, document: Document, *, recorded_by: int | None = None) -> None:
    """Replace the portal's data with the document. Rows are matched by key; rows not in the document are deleted.

    `recorded_by`: the id of the account to name in new reviews of texts.

    The address of an existing portal cannot change. Raises ValidationError, without any change, for everything that an
    operator's form would refuse.
    """
    if portal.pk and document["slug"] != portal.slug:
        raise ValidationError(
            _("The file is for the portal “%(other)s”; the address of “%(slug)s” cannot change.")
            % {"other": document["slug"], "slug": portal.slug}
        )
    _check_whole(portal, document)
    _fill_row(portal, document, PORTAL_FIELD_NAMES)
    with errors_naming(""):
        portal.full_clean()
    portal.save()
    for name, (model, fields, key) in LISTS.items():
        stored = {
            tuple(getattr(row, part) for part in key): row for row in model._default_manager.filter(portal=portal)
        }
        rows_by_key = {tuple(row[part] for part in key): row for row in document[name]}
        for row_key in stored.keys() - rows_by_key.keys():
            stored[row_key].delete()
        for number, (row_key, values) in enumerate(rows_by_key.items(), 1):
            row = stored.get(row_key) or model(portal=portal)
            _fill_row(row, values, fields)
            with errors_naming(row_label(name, number)):
                row.full_clean()
            row.save()
            if not isinstance(row, PortalText):
                _apply_names(row, values.get("texts", []), row_label(name, number))
            elif "reviews" in values:
                with errors_naming(f"{row_label(name, number)}, reviews"):
                    apply_reviews(row, values["reviews"], recorded_by=recorded_by)


def _apply_names(row: Contact | Partner, texts: list[Document], part: str) -> None:
    stored: dict[str, NameRow] = {text.language: text for text in row.texts.all()}
    for language in stored.keys() - {text["language"] for text in texts}:
        stored[language].delete()
    for number, values in enumerate(texts, 1):
        text = stored.get(values["language"]) or row.texts.model(**{row._meta.model_name or "": row})
        _fill_row(text, values, NAME_FIELDS)
        with errors_naming(f"{part}, {row_label('texts', number)}"):
            text.full_clean()
        text.save()


@contextmanager
def errors_naming(part: str) -> Iterator[None]:
    """Within this context, the messages of a ValidationError begin with the part of the document."""
    try:
        yield
    except ValidationError as error:
        raise ValidationError(list(_error_messages(part, error))) from error


def row_label(name: str, number: int) -> str:
    """The label of a list row in messages, such as `contacts 2`."""
    return f"{name} {number}"


def _error_messages(part: str, error: ValidationError) -> Iterator[str]:
    if hasattr(error, "error_dict"):
        for field, errors in error.message_dict.items():
            at = ", ".join(word for word in (part, "" if field == "__all__" else field) if word)
            yield from (f"{at}: {message}" if at else message for message in errors)
    else:
        yield from (f"{part}: {message}" if part else message for message in error.messages)


def _check_whole(portal: Portal, document: Document) -> None:
    """The checks of the admin page beyond single fields. Raises ValidationError."""
    for name in ("brand_colour", "button_colour"):
        if too_light(document[name]):
            raise ValidationError(
                _("%(field)s: white text is not readable on this colour: choose a darker one.") % {"field": name}
            )
    if too_close(document.get("accent_colour", ""), document["brand_colour"]):
        raise ValidationError(
            _("%(field)s: too close to the brand colour: choose a lighter one.") % {"field": "accent_colour"}
        )
    languages = [text["language"] for text in document["texts"]]
    if PortalState(portal.state).visible and document["default_language"] not in languages:
        raise ValidationError(_("Add a text in the default language before the public sees the portal."))


def plain_lines(words: str) -> str:
    """The text with line endings normalised to LF, because browsers and files differ."""
    return words.replace("\r\n", "\n").replace("\r", "\n")


def _field_value(row: Portal | Row | NameRow, name: str) -> Any:
    match getattr(row, name):
        case date() as day:
            return day.isoformat()
        case str() as words:
            return plain_lines(words)
        case Picture() as picture:
            return picture_document(picture)
        case value:
            return value


def picture_document(picture: Picture) -> Document:
    return {
        "content": b64encode(bytes(picture.content)).decode(),
        "media_type": str(picture.media_type),
        "width": picture.width,
        "height": picture.height,
    }


def _fill_row(row: Portal | Row | NameRow, values: Mapping[str, Any], fields: tuple[str, ...]) -> None:
    """Set the fields. One that the document lacks keeps its value: a request may be older than the field."""
    for name in fields:
        if name not in values:
            continue
        value = values[name]
        if name in PICTURES:
            # `exchange` has cleaned the pictures of uploaded files before.
            value = save_picture(build_picture(**{**value, "content": b64decode(value["content"])})) if value else None
        elif name.endswith("_on") and value:
            value = date.fromisoformat(value)
        setattr(row, name, value)
