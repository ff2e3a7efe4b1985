"""Items of the launch checklist about contacts and partners, and about their names in each language."""

from collections.abc import Iterable, Iterator
from datetime import date

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from countries.languages import is_readable_as, language_name
from countries.models import Contact, ContactKind, Partner, Portal, PortalText
from countries.staff.contacts.contact_checks import last_checked
from countries.staff.document.checklist_item import ChecklistItem


def contacts_in_order(portal: Portal) -> list[Contact]:
    """The contacts in the order of the admin page."""
    return sorted(portal.contacts.all(), key=lambda contact: (contact.position, contact.pk))


def year_before(day: date) -> date:
    """The same day a year earlier; 28 February for a leap day."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def is_stale(contact: Contact, today: date) -> bool:
    """Whether the contact was neither verified nor checked within the last twelve months."""
    checked = last_checked(contact)
    return checked is None or not year_before(today) <= checked <= today


def contact_item(kind: ContactKind, contacts: list[Contact], today: date) -> ChecklistItem:
    title = _("Contact: %(kind)s") % {"kind": kind.label}
    mine = [(number, contact) for number, contact in enumerate(contacts) if contact.kind == kind]
    key = f"contact_{kind.value}"
    if not mine:
        return ChecklistItem(key, title, _("The portal has no contact of this kind."), "contacts-group")
    reasons = [(number, contact, _contact_lacks(contact, today)) for number, contact in mine]
    if not all(lacks for _number, _contact, lacks in reasons):
        return ChecklistItem(key, title, "", f"id_contacts-{mine[0][0]}-verified_on")
    number, contact, lacks = reasons[0]
    return ChecklistItem(
        key,
        title,
        _("“%(name)s” needs %(what)s.") % {"name": contact.name, "what": get_text_list([*lacks.values()], _("and"))},
        f"id_contacts-{number}-{next(iter(lacks))}",
    )


def _contact_lacks(contact: Contact, today: date) -> dict[str, str]:
    """The missing details by the field to complete."""
    lacks = {}
    if not (contact.phone or contact.website):
        lacks["phone"] = _("a telephone number or a web site")
    if not contact.source:
        lacks["source"] = _("a source")
    if not contact.verified_by:
        lacks["verified_by"] = _("the name of the person who verified it")
    if contact.has_changed_since_verified:
        lacks["verified_on"] = _("a new verification, because it changed since the last one")
    elif is_stale(contact, today):
        lacks["verified_on"] = _("a date of verification within the last 12 months")
    return lacks


def partners_item(partners: list[Partner]) -> ChecklistItem:
    title = _("Partners")
    if not partners:
        return ChecklistItem("partners", title, _("The portal has no partners."), "partners-group")
    for number, partner in enumerate(partners):
        if not partner.is_verified:
            words = _("“%(name)s” is not confirmed as a partner.")
            if partner.has_changed_since_verified:
                words = _("“%(name)s” is not confirmed since it changed.")
            missing = words % {"name": partner.name}
            return ChecklistItem("partners", title, missing, f"id_partners-{number}-confirmed")
    return ChecklistItem("partners", title, "", "partners-group")


def unnamed_in(portal: Portal, language: str) -> int:
    """The number of the portal's contacts and partners whose name is not written in the language."""
    return _count_unnamed(portal, [*portal.contacts.all(), *portal.partners.all()], language)


def _count_unnamed(portal: Portal, rows: Iterable[Contact | Partner], language: str) -> int:
    return sum(
        not any(
            is_readable_as(written_language, language)
            for written_language in (
                row.name_language or portal.default_language,
                *(text.language for text in row.texts.all()),
            )
        )
        for row in rows
    )


def name_items(portal: Portal, texts: list[PortalText]) -> Iterator[ChecklistItem]:
    """Two items for each language but the default one, in which a name without a language of its own is written."""
    for language in (text.language for text in texts if text.language != portal.default_language):
        name = {"language": language_name(language)}
        count = _count_unnamed(portal, portal.contacts.all(), language)
        missing = ngettext(
            "The name in %(language)s is missing for %(count)d contact.",
            "The names in %(language)s are missing for %(count)d contacts.",
            count,
        ) % {**name, "count": count}
        title = _("Names of contacts: %(language)s") % name
        yield ChecklistItem(f"names_{language}", title, missing if count else "", "contacts-group")
        count = _count_unnamed(portal, portal.partners.all(), language)
        missing = ngettext(
            "The name in %(language)s is missing for %(count)d partner.",
            "The names in %(language)s are missing for %(count)d partners.",
            count,
        ) % {**name, "count": count}
        title = _("Names of partners: %(language)s") % name
        yield ChecklistItem(f"partnernames_{language}", title, missing if count else "", "partners-group")
