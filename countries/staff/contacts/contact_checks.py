"""Checks that a contact is still right, which contacts are due for one, and the action that records it.

A contact is verified when an operator compares it with its source (`Contact.verified_on`): that makes it public, and on
a portal that the public knows it takes two operators. A later check that finds it unchanged changes nothing that the
public sees, so one operator records it.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.actions import JSON, record_event
from audit.permissions import Denied, HasPermissions
from countries.models import CheckMethod, Contact, ContactCheck, PortalState
from countries.staff.requests.approvals import StaffMember


def with_last_check(contacts: QuerySet[Contact]) -> QuerySet[Contact]:
    """The contacts with `rechecked_on`: the day of the last check of what they say now; None without one."""
    checks = ContactCheck.objects.filter(contact=OuterRef("pk"), phone=OuterRef("phone"), website=OuterRef("website"))
    return contacts.annotate(rechecked_on=Subquery(checks.order_by("-on", "-pk").values("on")[:1]))


def last_checked(contact: Contact) -> date | None:
    """The day on which the contact, from `with_last_check`, was last verified or checked; None if not verified.

    No query where `texts` is prefetched.
    """
    rechecked: date | None = contact.rechecked_on  # type: ignore[attr-defined] # set by with_last_check
    return (
        max(contact.verified_on, rechecked or contact.verified_on)
        if contact.is_verified and contact.verified_on
        else None
    )


def first_day_in_time(today: date) -> date:
    """Contacts last checked before this day are due."""
    return today - timedelta(days=settings.CONTACT_CHECK_DAYS)


def is_due(contact: Contact, today: date) -> bool:
    """Whether the contact, from `with_last_check`, is not verified, or was last checked too long ago."""
    checked = last_checked(contact)
    return checked is None or checked < first_day_in_time(today)


def contacts_due(today: date) -> QuerySet[Contact]:
    """The contacts for which `is_due` is true, of all portals."""
    # PostgreSQL's GREATEST ignores NULL.
    checked = with_last_check(Contact.objects.all()).alias(checked_on=Greatest("verified_on", "rechecked_on"))
    return checked.filter(Contact.unverified() | Q(checked_on__lt=first_day_in_time(today)))


def visible_contacts_due(today: date) -> QuerySet[Contact]:
    """Contacts of portals that the public sees, longest overdue first."""
    visible = [state for state in PortalState if state.visible]
    due = contacts_due(today).filter(portal__state__in=visible)
    return due.order_by(F("checked_on").asc(nulls_first=True), "portal__name", "position", "pk")


def check_can_see_contacts(user: HasPermissions) -> None:
    if not user.has_perm("countries.change_portal"):
        raise Denied(_("Only operators may check contacts."))


def check_can_record_check(user: HasPermissions, contact: Contact) -> None:
    check_can_see_contacts(user)
    if contact.has_changed_since_verified:
        raise Denied(_("This contact is not verified since it changed. Verify it on the portal’s page first."))
    if not contact.is_verified:
        raise Denied(_("This contact is not verified yet. Verify it on the portal’s page first."))


@transaction.atomic
def check_contact(
    *, by: StaffMember, contact: Contact, how: CheckMethod, words: str = "", now: datetime | None = None
) -> ContactCheck:
    """Record that the contact is still right. `words`: how, where the method is OTHER.

    Raises Denied; ValidationError if the method needs words.
    """
    # Locked, so that the check is of what the contact says.
    contact = Contact.objects.select_related("portal").select_for_update(of=("self",), no_key=True).get(pk=contact.pk)
    check_can_record_check(by, contact)
    check = ContactCheck(
        contact=contact,
        on=timezone.localdate(now),
        by_id=by.pk,
        how=how,
        words=words.strip() if how is CheckMethod.OTHER else "",
        phone=contact.phone,
        website=contact.website,
    )
    check.full_clean()
    check.save()
    details: dict[str, JSON] = {"contact": contact.pk, "kind": contact.kind, "how": how.value}
    record_event(by=by, action="contact.check", on=contact.portal, portal=contact.portal.slug, details=details)
    return check
