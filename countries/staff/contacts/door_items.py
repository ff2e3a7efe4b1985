"""Items of the launch checklist about help pages: each leads to someone whom the hotline verified."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from countries.models import Contact, ContactKind, HelpService, Portal, ServiceKind
from countries.public.help.offers import LISTENERS, contact_kinds_of, situations_without_help
from countries.public.help.situations import Situation
from countries.public.portal_rows import build_services
from countries.public.withdrawn import Withdrawn, read_withdrawn
from countries.staff.document.checklist_item import ChecklistItem

SERVICES_PAGE = "admin:countries_helpservice_changelist"


@dataclass(frozen=True, slots=True)
class VerifiedOffers:
    """The verified help services of the network, and what no page shows."""

    services: list[HelpService]
    withdrawn: Withdrawn


def read_verified_offers() -> VerifiedOffers:
    """Two queries."""
    return VerifiedOffers(list(HelpService.objects.filter(HelpService.verified())), read_withdrawn())


def door_items(portal: Portal, contacts: Iterable[Contact], offers: VerifiedOffers) -> Iterator[ChecklistItem]:
    """An item for each help page that needs more than the contacts that each launch needs."""
    lacking = lacking_doors(portal, contacts, offers)
    for situation in situations_without_help(ContactKind.needed_by(portal), (), portal.legal_age):
        title = _("Help page: %(title)s") % {"title": str(situation.label) % {"age": portal.legal_age}}
        missing = _describe_lack(situation) if situation in lacking else ""
        yield ChecklistItem(f"door_{situation.value}", title, missing, "contacts-group", SERVICES_PAGE)


def lacking_doors(portal: Portal, contacts: Iterable[Contact], offers: VerifiedOffers) -> list[Situation]:
    """The help pages for which the portal has no one, even with the contacts that its launch needs.

    Contacts have their names by language prefetched, or cost a query each.
    """
    verified = [contact for contact in contacts if contact.is_verified]
    kinds = [*ContactKind.needed_by(portal), *(kind for kind, _row in offers.withdrawn.shown_contacts(verified))]
    services = build_services(portal, offers.services, offers.withdrawn)
    return list(situations_without_help(kinds, services, portal.legal_age))


def _describe_lack(situation: Situation) -> str:
    services = dict.fromkeys(
        kind for door in (situation, LISTENERS) for part in door.row.parts for kind in part.services
    )
    message = _("No verified service or contact. Verify a service (%(services)s) or add a contact (%(contacts)s).")
    return message % {
        "services": get_text_list([str(ServiceKind(kind).label) for kind in services], _("or")),
        "contacts": get_text_list([str(kind.label) for kind in contact_kinds_of(situation)], _("or")),
    }
