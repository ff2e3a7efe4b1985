"""Actions: load, export and replace a portal."""

from django.db import transaction
from django.utils.translation import gettext_lazy

from audit.actions import record_event
from audit.permissions import Denied
from countries.catalogue import Entry
from countries.models import Contact, Partner, Portal, PortalState, PortalText
from countries.public import published
from countries.staff.differences import names_of
from countries.staff.document import Document, apply_document, document_of
from countries.staff.exchange import build_export
from countries.staff.lifecycle import Operator
from countries.staff.permissions import check_can_change_portal
from countries.staff.portal_approvals import needs_second


@transaction.atomic
def load_portal(entry: Entry, *, state: PortalState) -> Portal | None:
    """Create the portal of a catalogue entry in the given state. Returns None if its address is taken.

    An existing portal is not changed at all, because an operator may have removed what is missing from it.
    Raises ValidationError for an entry that an operator's form would refuse.
    """
    if Portal.objects.filter(slug=entry.portal["slug"]).exists():
        return None
    portal = Portal(**entry.portal, state=state)
    portal.full_clean()
    portal.save()
    for text in entry.texts:
        _save_valid(PortalText(portal=portal, **text))
    for contact in entry.contacts:
        _save_valid(Contact(portal=portal, **contact))
    for partner in entry.partners:
        _save_valid(Partner(portal=portal, **partner))
    record_event(by=None, action="portal.load", on=portal, portal=portal.slug, details={"state": state.value})
    return portal


def _save_valid(row: PortalText | Contact | Partner) -> None:
    row.full_clean()
    row.save()


@transaction.atomic
def export_portal(*, by: Operator, portal: Portal) -> str:
    check_can_change_portal(by, portal)
    file = build_export(document_of(portal))
    record_event(by=by, action="portal.export", on=portal, portal=portal.slug)
    return file


@transaction.atomic
def replace_portal(*, by: Operator, portal: Portal, document: Document, reason: str) -> None:
    """Replace a portal that the public cannot see; for others use `portal_approvals.request_words`.

    Raises Denied, ValidationError.
    """
    portal = Portal.objects.held().get(pk=portal.pk)
    check_can_change_portal(by, portal)
    if needs_second(portal):
        raise Denied(gettext_lazy("The public can see this portal: another operator must approve the change."))
    before = document_of(portal)
    apply_document(portal, document)
    transaction.on_commit(published.clear_cache)
    details = {"reason": reason, "fields": names_of(before, document)}
    record_event(by=by, action="portal.import", on=portal, portal=portal.slug, details=details)
