"""Actions: load, export and replace a portal."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy

from audit.actions import JSON, record_event
from audit.permissions import Denied
from countries.catalogue import Entry
from countries.catalogue.made_up_marks import CREST_SIZE, LOGO_SIZE, MARK_SIZE, draw_crest, draw_logo, draw_mark
from countries.models import ContactKind, MediaType, Portal, PortalState
from countries.models.picture import build_picture, save_picture
from countries.public import published
from countries.staff.document.exchange import build_export, document_from
from countries.staff.document.portal_document import Document, apply_document, document_of
from countries.staff.document.recorded_changes import describe_portal_changes
from countries.staff.requests.approvals import StaffMember, check_is_operator
from countries.staff.workspace.portal_approvals import needs_second


@transaction.atomic
def load_portal(entry: Entry, *, state: PortalState, for_demonstration: bool = False) -> Portal | None:
    """Create the portal of a catalogue entry in the given state. Returns None if its address is taken.

    For a demonstration it has made-up marks, and samples of the contacts that a launch needs.

    An existing portal is not changed at all, because an operator may have removed what is missing from it.
    Raises ValidationError for an entry that an operator's form would refuse.
    """
    if Portal.objects.filter(slug=entry.portal["slug"]).exists():
        return None
    contacts = [*entry.contacts, *(_sample_contacts(entry) if for_demonstration else ())]
    lists = {"texts": entry.texts, "contacts": contacts, "partners": entry.partners}
    portal = Portal(state=state)
    apply_document(portal, document_from({**entry.portal, **lists}))
    if for_demonstration:
        _add_made_up_marks(portal)
    record_event(by=None, action="portal.load", on=portal, portal=portal.slug, details={"state": state.value})
    return portal


def _sample_contacts(entry: Entry) -> Iterator[dict[str, Any]]:
    """A contact of each kind that a portal must have before its launch and this one lacks, with a number of zeros."""
    kinds = {contact["kind"] for contact in entry.contacts}
    default = entry.portal["default_language"]
    portal = Portal(country=entry.portal.get("country", ""), region=entry.portal["region"])
    for position, kind in enumerate(ContactKind.needed_by(portal)):
        if kind.value not in kinds:
            names = {}
            for language in [default, *(text["language"] for text in entry.texts)]:
                with translation.override(language):
                    names[language] = str(kind.row.heading or kind.label)
            yield {
                "kind": kind.value,
                "name": names.pop(default),
                "phone": "000 0000",
                "source": "made up for the demonstration",
                "position": position,
                "texts": [{"language": language, "name": name} for language, name in names.items()],
            }


def _add_made_up_marks(portal: Portal) -> None:
    """Give a portal of a demonstration a logo and a crest, so that its pages can be judged as a country's own; and its
    partners logos.
    """
    colours = {"brand": portal.brand_colour, "accent": portal.accent_colour or "#ffffff"}
    if mark := draw_mark(portal.slug, **colours):
        portal.logo = save_picture(build_picture(mark.encode(), MediaType.SVG, *MARK_SIZE))
    if crest := draw_crest(portal.slug, **colours):
        portal.crest = save_picture(build_picture(crest.encode(), MediaType.SVG, *CREST_SIZE))
    portal.save(update_fields=["logo", "crest"])
    for number, partner in enumerate(portal.partners.all()):
        logo = draw_logo(number, brand=portal.brand_colour)
        partner.logo = save_picture(build_picture(logo.encode(), MediaType.SVG, *LOGO_SIZE))
        partner.save(update_fields=["logo"])


@transaction.atomic
def export_portal(*, by: StaffMember, portal: Portal) -> str:
    check_is_operator(by)
    file = build_export(document_of(portal))
    record_event(by=by, action="portal.export", on=portal, portal=portal.slug)
    return file


@transaction.atomic
def replace_portal(*, by: StaffMember, portal: Portal, document: Document, reason: str) -> None:
    """Replace a portal that the public cannot see; for others use `portal_approvals.request_words`.

    Raises Denied, ValidationError.
    """
    portal = Portal.objects.locked().get(pk=portal.pk)
    check_is_operator(by)
    if needs_second(portal):
        raise Denied(gettext_lazy("The public can see this portal: another operator must approve the change."))
    before = document_of(portal)
    apply_document(portal, document, recorded_by=by.pk)
    transaction.on_commit(published.clear_cache)
    details: dict[str, JSON] = {"reason": reason, "changes": describe_portal_changes(before, document)}
    record_event(by=by, action="portal.import", on=portal, portal=portal.slug, details=details)
