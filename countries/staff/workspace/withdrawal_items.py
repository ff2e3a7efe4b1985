"""Items that one operator can withdraw from a portal's pages, and pages that would lose their last telephone number."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from countries.languages import language_name
from countries.models import (
    Contact,
    ContactKind,
    HelpService,
    ItemKind,
    Partner,
    Portal,
    PortalText,
    PortalTextPart,
    ServiceKind,
)
from countries.public.help.lines import situation_title
from countries.public.help.offers import services_for
from countries.public.help.situations import Situation
from countries.public.portal_rows import portal_queryset, service_queryset
from countries.public.published_portal import PublishedPortal
from countries.public.withdrawn import (
    PublicItem,
    Withdrawn,
    WithdrawnRow,
    picture_item,
    read_withdrawn,
    row_item,
    text_item,
)

DANGER_BOX = "danger-box"
EXCERPT_LETTERS = 80


@dataclass(frozen=True, slots=True)
class OfferedItem:
    """An item that the portal's pages show, or would show if it were not withdrawn.

    `name`: for the record. `excerpt`: what it says, for the page alone.
    """

    item: PublicItem
    name: str
    excerpt: str
    is_withdrawn: bool

    @property
    def value(self) -> str:
        """As the form sends it."""
        return f"{self.item.kind}:{self.item.key}"


def offered_items(portal_id: int) -> list[OfferedItem]:
    """All items of the portal's pages, by kind. Raises Portal.DoesNotExist."""
    portal, withdrawn = portal_queryset().get(pk=portal_id), read_withdrawn()
    return [
        OfferedItem(item, name, excerpt, withdrawn.find(item) is not None)
        for item, name, excerpt in (
            *_contact_items(portal),
            *_service_items(portal),
            *_text_items(portal),
            *_picture_items(portal),
            *_partner_items(portal),
        )
    ]


def _contact_items(portal: Portal) -> Iterator[tuple[PublicItem, str, str]]:
    for contact in portal.contacts.all():
        yield row_item(contact), f"{ContactKind(contact.kind).label}: {contact.name}", contact.phone or contact.website


def _service_items(portal: Portal) -> Iterator[tuple[PublicItem, str, str]]:
    for service in service_queryset():
        if service.helps_in(portal.country):
            name = f"{ServiceKind(service.kind).label}: {service.name}"
            yield row_item(service), name, service.phone or service.website


def _text_items(portal: Portal) -> Iterator[tuple[PublicItem, str, str]]:
    for text in portal.texts.all():
        for part in PortalTextPart:
            if words := getattr(text, part.value):
                name = f"{part.label}: {language_name(text.language)}"
                yield text_item(text, part), name, _shorten(words)


def _picture_items(portal: Portal) -> Iterator[tuple[PublicItem, str, str]]:
    pictures = {portal.logo_id: _("Logo"), portal.crest_id: _("Crest")}
    pictures |= {partner.logo_id: _("Logo: %(name)s") % {"name": partner.name} for partner in portal.partners.all()}
    for digest, name in pictures.items():
        if digest:
            yield picture_item(digest), name, ""


def _partner_items(portal: Portal) -> Iterator[tuple[PublicItem, str, str]]:
    for partner in portal.partners.all():
        yield row_item(partner), partner.name, partner.website


def _shorten(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= EXCERPT_LETTERS else f"{line[:EXCERPT_LETTERS]}…"


def find_current(kind: str, key: str) -> PublicItem | None:
    """The item with what it says now; None if its row is gone."""
    match ItemKind(kind):
        case ItemKind.PICTURE:
            return picture_item(key)
        case ItemKind.TEXT:
            text_id, _colon, part = key.partition(":")
            text = PortalText.objects.filter(pk=text_id).first()
            return text_item(text, PortalTextPart(part)) if text else None
        case ItemKind.CONTACT:
            row: WithdrawnRow | None = Contact.objects.filter(pk=key).first()
        case ItemKind.PARTNER:
            row = Partner.objects.filter(pk=key).first()
        case ItemKind.SERVICE:
            row = HelpService.objects.filter(pk=key).first()
    return row_item(row) if row else None


def possible_stand_ins(portal: Portal, withdrawn: Withdrawn) -> list[Contact]:
    """The contacts that may be shown in another one's place: shown themselves, with a telephone that answers a person
    in need."""
    kinds = [kind for kind in ContactKind if kind.row.needed]
    contacts = portal_queryset().get(pk=portal.pk).contacts.all()
    return [
        contact for contact in contacts if contact.kind in kinds and contact.phone and not withdrawn.has_row(contact)
    ]


def count_numbers(portal: PublishedPortal) -> dict[str, int]:
    """The telephone numbers of the danger box and of each situation's help page, by DANGER_BOX or its slug."""
    by_kind = portal.contacts_by_kind()
    numbers = {DANGER_BOX: sum(bool(contact.phone) for contact in by_kind[ContactKind.EMERGENCY.value])}
    for situation in Situation:
        parts = situation.row.parts
        phones = [contact.phone for part in parts for kind in part.contacts for contact in by_kind[kind.value]]
        phones += [service.phone for part in parts for service in services_for(part, portal.services, portal.legal_age)]
        numbers[situation.value] = sum(map(bool, phones))
    return numbers


def find_emptied(before: PublishedPortal, after: PublishedPortal) -> list[str]:
    """The titles of the pages and of the box that had numbers and have none any more."""
    counts = count_numbers(after)
    emptied = [slug for slug, number in count_numbers(before).items() if number and not counts[slug]]
    return [
        _("the box “Is a child in danger now?”") if slug == DANGER_BOX else situation_title(after, Situation(slug))
        for slug in emptied
    ]
