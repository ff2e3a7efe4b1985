"""Export and import of a portal's document as TOML. Imported files are treated as untrusted input."""

import binascii
import re
import textwrap
import tomllib
from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from datetime import date, datetime
from hashlib import sha256

import tomli_w
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db.models import BooleanField, DateField, Field, PositiveSmallIntegerField
from django.utils.translation import gettext as _

from countries.models import MediaType, Picture, Portal
from countries.models.verification import NAME_COLUMNS, VerifiedModel, digest_of_values
from countries.staff.appearance.pictures import CREST, LOGO, PARTNER_LOGO, Room, clean_picture
from countries.staff.document.portal_document import (
    LISTS,
    NAME_FIELDS,
    NAME_MODELS,
    PICTURE_FIELDS,
    PICTURES,
    Document,
    NameRow,
    Row,
    errors_naming,
    picture_document,
    plain_lines,
    row_label,
    sort_names,
    sort_rows,
    without_secrets,
)
from countries.staff.document.portal_fields import PORTAL_FIELD_NAMES
from countries.staff.document.text_reviews import OLD_FIELDS, parse_reviews, read_tables, review_lines

LARGEST_FILE = 512 * 1024
# Marks of checks by staff, which do not count if made in another installation.
MARKS: dict[str, Document] = {
    "texts": {"reviews": []},
    "contacts": {"verified_by": "", "verified_on": None, "verified_digest": ""},
    "partners": {"confirmed": False, "verified_digest": ""},
}
# Far more than a portal has; each row costs database statements.
MOST_ROWS = 300
MOST_LANGUAGES = 60
MOST_ERRORS = 50
# Keys in this format have two parts, URLs in a text a few. Parsing a dotted key takes cubic time in its parts.
_PART = r"""(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_MANY_PARTS = re.compile(rf"(?<![\w-])(?:{_PART}[ \t]*+\.[ \t]*+){{64}}")
# Keys needed to identify a row; the models validate all other required fields.
NEEDED = {"": ("slug", "name"), "texts": ("language",), "contacts": ("kind", "name"), "partners": ("name",)}
NEEDED_OF_NAMES = ("language", "name")


def to_toml(document: Document) -> str:
    """The document as TOML without empty and default values; `from_toml` returns an equal document."""
    parts = [tomli_w.dumps(_non_default_values(Portal, document, PORTAL_FIELD_NAMES), multiline_strings=True)]
    parts += [f"\n[{name}]\n{_picture_lines(document[name])}" for name in PICTURES if document[name]]
    for name, (model, fields, _key) in LISTS.items():
        for row in document[name]:
            parts.append(
                f"\n[[{name}]]\n" + tomli_w.dumps(_non_default_values(model, row, fields), multiline_strings=True)
            )
            if row.get("logo"):
                parts.append(f"\n[{name}.logo]\n{_picture_lines(row['logo'])}")
            parts += [
                f"\n[[{name}.texts]]\n{tomli_w.dumps({field: text[field] for field in NAME_FIELDS if text[field]})}"
                for text in row.get("texts", [])
            ]
            parts += map(review_lines, row.get("reviews", []))
    return "".join(parts)


def _non_default_values(model: type[Portal | Row], row: Document, fields: tuple[str, ...]) -> Document:
    """The scalar fields of a row that differ from the default; `slug` and `default_language` are always included."""
    values: Document = {}
    for name in fields:
        # Without the digest, the verification would hold for any details.
        is_needed = name in ("slug", "default_language") or (name == "verified_digest" and row[_mark_of(model)])
        if name in PICTURES or (row[name] == _default_value(model, name) and not is_needed):
            continue
        is_day = isinstance(model._meta.get_field(name), DateField)
        values[name] = date.fromisoformat(row[name]) if is_day else row[name]
    return values


def _mark_of(model: type[Portal | Row]) -> str:
    return model.MARK if issubclass(model, VerifiedModel) else ""


def _picture_lines(picture: Document) -> str:
    return tomli_w.dumps(
        {**picture, "content": "\n".join(textwrap.wrap(picture["content"], 100)) + "\n"}, multiline_strings=True
    )


def from_toml(content: str) -> Document:
    """Parse a TOML file. Raises ValidationError with all errors of its structure, by place.

    Values are validated when the document is applied. Marks and pictures are unchanged: see `parse_upload`.
    """
    try:
        if _MANY_PARTS.search(content):
            raise RecursionError
        fields = tomllib.loads(content)
    except RecursionError:
        raise ValidationError(_("This file is nested too deeply.")) from None
    except ValueError as error:
        # The parser's message contains line and column.
        raise ValidationError(_("This is not a TOML file: %(why)s") % {"why": error}) from None
    return document_from(fields)


def document_from(fields: Mapping[str, object]) -> Document:
    """The document of parsed tables, completed with default values. Raises ValidationError."""
    errors: list[str] = []
    lists = {name: fields.get(name, []) for name in LISTS}
    document = _parse_row(Portal, {name: value for name, value in fields.items() if name not in LISTS}, "", errors)
    for name, rows in lists.items():
        document[name] = []
        model, _fields, key = LISTS[name]
        keys = set()
        for number, values in enumerate(read_tables(rows, name, errors, name=name, most=MOST_ROWS), 1):
            nested = ("texts",) if name in NAME_MODELS else ("reviews", *OLD_FIELDS) if name == "texts" else ()
            fields_of_row = {field: value for field, value in values.items() if field not in nested}
            row = _parse_row(model, fields_of_row, name, errors, number)
            if name == "texts":
                row["reviews"] = parse_reviews(values, row, row_label(name, number), errors)
            if name in NAME_MODELS:
                row["texts"] = _parse_names(name, values.get("texts", []), row_label(name, number), errors)
                if "verified_digest" not in values:
                    row["verified_digest"] = _digest_as_written(model, row)
            row_key = tuple(row[part] for part in key)
            if row_key in keys:
                errors.append(_("%(where)s: appears twice.") % {"where": row_label(name, number)})
            keys.add(row_key)
            document[name].append(row)
    if errors:
        raise ValidationError(errors[:MOST_ERRORS])
    for name, (_model, _fields, key) in LISTS.items():
        document[name] = sort_rows(document[name], key)
    return document


def _digest_as_written(model: type[Row], row: Document) -> str:
    """For a file that states a verification without digest, such as the catalogue's: it holds for what the file has."""
    if not issubclass(model, VerifiedModel) or not row[model.MARK]:
        return ""
    names = [[str(text[column]) for column in NAME_COLUMNS] for text in row["texts"]]
    return digest_of_values([row[field] for field in model.VERIFIED], names)


def _parse_names(name: str, texts: object, at: str, errors: list[str]) -> list[Document]:
    """The names by language of one contact or partner."""
    names: dict[str, Document] = {}
    tables = read_tables(texts, f"{at}, texts", errors, name=f"{name}.texts", most=MOST_LANGUAGES)
    for number, values in enumerate(tables, 1):
        label = f"{at}, {row_label('texts', number)}"
        text = _parse_fields(NAME_MODELS[name], values, NAME_FIELDS, NEEDED_OF_NAMES, f"{label}, ", errors)
        if text["language"] in names:
            errors.append(_("%(where)s: appears twice.") % {"where": label})
        names[text["language"]] = text
    return sort_names(list(names.values()))


def _parse_row(
    model: type[Portal | Row], values: dict[str, object], name: str, errors: list[str], number: int = 0
) -> Document:
    at = f"{row_label(name, number)}, " if name else ""
    return _parse_fields(model, values, LISTS[name][1] if name else PORTAL_FIELD_NAMES, NEEDED[name], at, errors)


def _parse_fields(
    model: type[Portal | Row | NameRow],
    values: dict[str, object],
    fields: tuple[str, ...],
    required: tuple[str, ...],
    at: str,
    errors: list[str],
) -> Document:
    for unknown in sorted(values.keys() - set(fields)):
        errors.append(_("%(where)s%(key)s: no such key.") % {"where": at, "key": repr(unknown)[1:-1]})
    for needed in required:
        if not values.get(needed):
            errors.append(_("%(where)s%(key)s: missing.") % {"where": at, "key": needed})
    return {field: _parse_value(model, field, values, at, errors) for field in fields}


def _parse_value(
    model: type[Portal | Row | NameRow], name: str, values: dict[str, object], at: str, errors: list[str]
) -> object:
    if name in PICTURES:
        return _read_picture(values[name], f"{at}{name}", errors) if name in values else None
    field = model._meta.get_field(name)
    usual = _default_value(model, name)
    if name not in values:
        return usual
    match field, values[name]:
        case (BooleanField(), bool() as value):
            return value
        case (DateField(), date() as value) if not isinstance(value, datetime):
            return value.isoformat()
        case (PositiveSmallIntegerField(), int() as value) if not isinstance(value, bool):
            return value
        case ((BooleanField() | DateField() | PositiveSmallIntegerField()), _value):
            kinds = {
                BooleanField: _("true or false"),
                DateField: _("a date such as 2018-04-13, without quotation marks"),
                PositiveSmallIntegerField: _("a whole number"),
            }
            kind_words = next(words for kind, words in kinds.items() if isinstance(field, kind))
            errors.append(_("%(where)s%(key)s: must be %(what)s.") % {"where": at, "key": name, "what": kind_words})
        case (_field, str() as value):
            if "\x00" not in value:
                return plain_lines(value)
            errors.append(_("%(where)s%(key)s: contains a null character.") % {"where": at, "key": name})
        case _:
            errors.append(_("%(where)s%(key)s: must be text in quotation marks.") % {"where": at, "key": name})
    return usual


def _default_value(model: type[Portal | Row | NameRow], name: str) -> object:
    field = model._meta.get_field(name)
    if field.null or not isinstance(field, Field):
        return None
    usual = field.get_default()
    # For a choice, its value.
    return str(usual) if isinstance(usual, str) else usual


def _read_picture(values: object, at: str, errors: list[str]) -> Document | None:
    if isinstance(values, dict) and _is_picture(values):
        content = "".join(values["content"].split())
        with suppress(binascii.Error, ValueError):
            b64decode(content, validate=True)
            return {**{name: values[name] for name in PICTURE_FIELDS}, "content": content}
    errors.append(_("%(where)s: not a picture from an exported portal.") % {"where": at})
    return None


def _is_picture(values: Document) -> bool:
    """Whether the fields are those of a picture and have their types; the content is not decoded."""
    return (
        set(values) == set(PICTURE_FIELDS)
        and all(isinstance(values[name], str) for name in ("content", "media_type"))
        and all(type(values[name]) is int and 0 < values[name] <= 32767 for name in ("width", "height"))
    )


def parse_upload(content: bytes, *, checked: bool) -> Document:
    """The document of an uploaded file, with cleaned pictures.

    Marks of verification, review and confirmation are removed unless the operator states that they `checked` them.
    Raises ValidationError.
    """
    if len(content) > LARGEST_FILE:
        raise ValidationError(
            _("The file is too large: at most %(size)d kB.") % {"size": LARGEST_FILE // 1024}, code="large"
        )
    try:
        document = from_toml(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValidationError(_("This is not a text file in UTF-8.")) from None
    if not checked:
        drop_marks(document)
    for name, room in (("logo", LOGO), ("crest", CREST)):
        if document[name]:
            with errors_naming(name):
                document[name] = _picture_from_file(document[name], room)
    for number, partner in enumerate(document["partners"], 1):
        if partner["logo"]:
            with errors_naming(f"{row_label('partners', number)}, logo"):
                partner["logo"] = _picture_from_file(partner["logo"], PARTNER_LOGO)
    return document


def drop_marks(document: Document) -> None:
    for name, marks in MARKS.items():
        for row in document[name]:
            row.update(deepcopy(marks))


def _picture_from_file(values: Document, room: Room) -> Document:
    """Clean the file's picture like an upload, or return the stored SVG of the same bytes. Raises ValidationError."""
    content = b64decode(values["content"])
    if values["media_type"] == MediaType.SVG:
        stored = Picture.objects.filter(digest=sha256(content).hexdigest(), media_type=MediaType.SVG).first()
        if stored and room.fits(stored):
            return picture_document(stored)
    return picture_document(clean_picture(ContentFile(content), room=room))


def build_export(document: Document) -> str:
    """The file to download, without the access phrase, which would let anyone with the file in."""
    return to_toml(without_secrets(document))
