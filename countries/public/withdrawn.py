"""Items that operators have withdrawn from the public: each item under a key, with a digest of what it says.

An item is off while its digest is that of its withdrawal: another value was approved by two operators, and is shown.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from countries.languages import country_name, words_language
from countries.models import Contact, HelpService, Partner, PortalText, PortalTextPart
from countries.models.withdrawal import ItemKind, WithdrawnItem

type WithdrawnRow = Contact | Partner | HelpService


@dataclass(frozen=True, slots=True)
class PublicItem:
    """A thing that public pages show. `digest`: of what it says."""

    kind: ItemKind
    key: str
    digest: str


def row_item(row: WithdrawnRow) -> PublicItem:
    """The item of a contact or partner, with its names in all languages, or of a help service."""
    match row:
        case Contact():
            public_values = [row.kind, row.name, row.phone, row.website, *_names_of(row)]
            return PublicItem(ItemKind.CONTACT, str(row.pk), _digest(public_values))
        case Partner():
            return PublicItem(
                ItemKind.PARTNER,
                str(row.pk),
                _digest([row.role, row.name, row.website, row.logo_id, *_names_of(row)]),
            )
        case HelpService():
            return PublicItem(ItemKind.SERVICE, str(row.pk), _digest([row.kind, row.name, row.phone, row.website]))
        case other:
            assert_never(other)


def text_item(text: PortalText, part: PortalTextPart) -> PublicItem:
    return PublicItem(ItemKind.TEXT, f"{text.pk}:{part.value}", _digest([getattr(text, part.value)]))


def picture_item(digest: str) -> PublicItem:
    """A picture is its digest: another one has another key."""
    return PublicItem(ItemKind.PICTURE, digest, digest)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Every withdrawn item, by kind and key."""

    items: Mapping[tuple[str, str], WithdrawnItem]

    def find(self, item: PublicItem) -> WithdrawnItem | None:
        """The row that keeps the item off; None if it is shown."""
        row = self.items.get((item.kind, item.key))
        return row if row and row.digest == item.digest else None

    def has_row(self, row: WithdrawnRow) -> bool:
        return self.find(row_item(row)) is not None

    def has_picture(self, digest: str | None) -> bool:
        return digest is not None and self.find(picture_item(digest)) is not None

    def shown_text(self, text: PortalText, part: PortalTextPart) -> str:
        """The text; "" while it is withdrawn."""
        return "" if self.find(text_item(text, part)) else getattr(text, part.value)

    def shown_contacts(self, contacts: list[Contact]) -> list[tuple[str, Contact]]:
        """(kind under which it is shown, contact): withdrawn ones are left out, or their stand-in is in their place."""
        stand_ins = {contact.pk: contact for contact in contacts if not self.has_row(contact)}
        lines = []
        for contact in contacts:
            row = self.find(row_item(contact))
            stand_in = stand_ins.get(row.stand_in) if row and row.stand_in else None
            if (line := stand_in if row else contact) is not None:
                lines.append((contact.kind, line))
        return lines


def read_withdrawn() -> Withdrawn:
    """One query."""
    return Withdrawn({(row.kind, row.key): row for row in WithdrawnItem.objects.all()})


def plain_title(country: str, name: str, tag: str) -> str:
    """The title of a portal whose own is withdrawn: the country's name in the language, or else `name`."""
    return country_name(country, words_language(tag)) or name


def _names_of(row: Contact | Partner) -> list[list[str]]:
    return sorted([text.language, text.name, text.note] for text in row.texts.all())


def _digest(values: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(values, ensure_ascii=True, default=str).encode()).hexdigest()
