"""Verbs that change a portal outside the operators' pages."""

from django.db import transaction

from audit.actions import record
from countries.catalogue import Entry
from countries.models import Contact, Partner, Portal, PortalState, PortalText


@transaction.atomic
def load(entry: Entry, *, state: PortalState) -> Portal | None:
    """The new portal of a catalogue entry, in that state; None where its address is taken.

    A portal that exists is left alone as a whole: what is missing there may be what an operator took away.
    Raises ValidationError for an entry that breaks the rules an operator's form would hold.
    """
    if Portal.objects.filter(slug=entry.portal["slug"]).exists():
        return None
    portal = Portal(**entry.portal, state=state)
    portal.full_clean()
    portal.save()
    for text in entry.texts:
        _add(PortalText(portal=portal, **text))
    for contact in entry.contacts:
        _add(Contact(portal=portal, **contact))
    for partner in entry.partners:
        _add(Partner(portal=portal, **partner))
    record(by=None, action="portal.load", on=portal, portal=portal.slug, details={"state": state.value})
    return portal


def _add(row: PortalText | Contact | Partner) -> None:
    row.full_clean()
    row.save()
