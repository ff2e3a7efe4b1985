"""What changes recipients."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.codes.recipient_kinds import RecipientKind
from analysts.models import Recipient, User
from analysts.models.recipient import NAME_CONSTRAINT
from analysts.takedown.recipients import permissions
from audit.actions import record_event
from audit.permissions import Denied
from reports.actions import constraint_of

# Where it is reached, and who that is. Whoever changes one of these has it verified anew.
REACHED = ("kind", "name", "channel", "email", "form_address")
# What a person enters.
DETAILS = (
    *REACHED,
    "country",
    "defang",
    "languages",
    "time_zone",
    "works_from",
    "works_until",
    "workdays",
    "blocked_days",
    "source",
)


def find_or_create_recipient(*, kind: RecipientKind, name: str, country: str = "") -> Recipient:
    """The recipient of that kind and name, whatever its case; where there is none it is made, verified by nobody.

    For verbs that learn of one by name, in their transaction and under their permission; their own record names it.
    ValueError without a name.
    """
    name = " ".join(name.split())[: Recipient._meta.get_field("name").max_length].strip()
    if not name:
        raise ValueError("A recipient has a name.")
    known = Recipient.objects.called(kind, name).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return Recipient.objects.create(kind=kind, name=name, country=country)
    except IntegrityError:
        # Somebody else named it in the same moment.
        return Recipient.objects.called(kind, name).get()


@transaction.atomic
def add_recipient(*, by: User, details: Mapping[str, Any], now: datetime | None = None) -> Recipient:
    """A new one, which somebody else has to verify. `details`: values of DETAILS."""
    permissions.check_can_edit(by)
    recipient = save_unique(Recipient(**details, changed_by=by))
    record_event(
        by=by, action="recipient.add", on=recipient, details={"kind": recipient.kind}, at=now or timezone.now()
    )
    return recipient


@transaction.atomic
def change_recipient(
    *, by: User, recipient: Recipient, details: Mapping[str, Any], now: datetime | None = None
) -> Recipient:
    """With these of DETAILS instead. Another place where it is reached takes the verification away."""
    recipient = Recipient.objects.select_for_update().get(pk=recipient.pk)
    permissions.check_can_edit(by)
    if changed := apply_details(recipient, details, by=by):
        save_unique(recipient)
        record_event(
            by=by, action="recipient.change", on=recipient, details=audit_details(changed), at=now or timezone.now()
        )
    return recipient


@transaction.atomic
def verify(*, by: User, recipient: Recipient, seen: str, now: datetime | None = None) -> Recipient:
    """A person made sure that it is who it says and is reached there. `seen`: `reach_digest` of what they looked at."""
    now = now or timezone.now()
    recipient = Recipient.objects.select_for_update().get(pk=recipient.pk)
    permissions.check_can_verify(by, recipient)
    if seen != reach_digest(recipient):
        raise Denied(_("Where it is reached was changed meanwhile. Look at it again before you verify it."))
    recipient.verified_on, recipient.verified_by = now.date(), by
    recipient.save(update_fields=["verified_on", "verified_by"])
    record_event(by=by, action="recipient.verify", on=recipient, details={"kind": recipient.kind}, at=now)
    return recipient


@transaction.atomic
def close_down(*, by: User, recipient: Recipient, now: datetime | None = None) -> Recipient:
    """Nothing is sent to it any more, nor is it offered; what was sent stays on its page."""
    now = now or timezone.now()
    recipient = Recipient.objects.select_for_update().get(pk=recipient.pk)
    permissions.check_can_close_down(by, recipient)
    recipient.closed_on = now.date()
    recipient.save(update_fields=["closed_on"])
    record_event(by=by, action="recipient.close_down", on=recipient, at=now)
    return recipient


@transaction.atomic
def reopen(*, by: User, recipient: Recipient, now: datetime | None = None) -> Recipient:
    """Taken up again; as nobody knows what happened meanwhile, somebody has to verify it anew."""
    now = now or timezone.now()
    recipient = Recipient.objects.select_for_update().get(pk=recipient.pk)
    permissions.check_can_reopen(by, recipient)
    recipient.closed_on = recipient.verified_on = recipient.verified_by = None
    recipient.save(update_fields=["closed_on", "verified_on", "verified_by"])
    record_event(by=by, action="recipient.reopen", on=recipient, at=now)
    return recipient


def reach_digest(recipient: Recipient) -> str:
    """Stands for where it is reached: another one after each change of that."""
    said = "\0".join(str(getattr(recipient, name)) for name in REACHED)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def apply_details(recipient: Recipient, details: Mapping[str, Any], *, by: User) -> list[str]:
    """Put `details` on the instance; returns the names of what is new."""
    changed = [name for name in DETAILS if name in details and getattr(recipient, name) != details[name]]
    for name in changed:
        setattr(recipient, name, details[name])
    if has_contact_change(changed):
        recipient.verified_on = recipient.verified_by = None
        recipient.changed_by = by
    return changed


def has_contact_change(changed: list[str]) -> bool:
    return not set(REACHED).isdisjoint(changed)


def audit_details(changed: list[str]) -> dict[str, Any]:
    """As the record has it: what was changed by name, never an address."""
    return {"fields": sorted(changed), "unverified": has_contact_change(changed)}


def save_unique(recipient: Recipient) -> Recipient:
    """Saved; `Denied` where somebody else gave the same name to another one in the same moment."""
    try:
        with transaction.atomic():
            recipient.save()
    except IntegrityError as error:
        if constraint_of(error) != NAME_CONSTRAINT:
            raise
        raise Denied(_("There is a recipient of this kind and name.")) from None
    return recipient
