"""What changes addressees."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.codes.recipient_kinds import AddresseeKind
from analysts.models import Addressee, User
from analysts.models.addressee import NAME_CONSTRAINT
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


def find_or_create_recipient(*, kind: AddresseeKind, name: str, country: str = "") -> Addressee:
    """The addressee of that kind and name, whatever its case; where there is none it is made, verified by nobody.

    For verbs that learn of one by name, in their transaction and under their permission; their own record names it.
    ValueError without a name.
    """
    name = " ".join(name.split())[: Addressee._meta.get_field("name").max_length].strip()
    if not name:
        raise ValueError("An addressee has a name.")
    known = Addressee.objects.called(kind, name).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return Addressee.objects.create(kind=kind, name=name, country=country)
    except IntegrityError:
        # Somebody else named it in the same moment.
        return Addressee.objects.called(kind, name).get()


@transaction.atomic
def add_recipient(*, by: User, details: Mapping[str, Any], now: datetime | None = None) -> Addressee:
    """A new one, which somebody else has to verify. `details`: values of DETAILS."""
    permissions.check_can_edit(by)
    addressee = save_unique(Addressee(**details, changed_by=by))
    record_event(
        by=by, action="addressee.add", on=addressee, details={"kind": addressee.kind}, at=now or timezone.now()
    )
    return addressee


@transaction.atomic
def change_recipient(
    *, by: User, addressee: Addressee, details: Mapping[str, Any], now: datetime | None = None
) -> Addressee:
    """With these of DETAILS instead. Another place where it is reached takes the verification away."""
    addressee = Addressee.objects.select_for_update().get(pk=addressee.pk)
    permissions.check_can_edit(by)
    if changed := apply_details(addressee, details, by=by):
        save_unique(addressee)
        record_event(
            by=by, action="addressee.change", on=addressee, details=audit_details(changed), at=now or timezone.now()
        )
    return addressee


@transaction.atomic
def verify(*, by: User, addressee: Addressee, seen: str, now: datetime | None = None) -> Addressee:
    """A person made sure that it is who it says and is reached there. `seen`: `reach_digest` of what they looked at."""
    now = now or timezone.now()
    addressee = Addressee.objects.select_for_update().get(pk=addressee.pk)
    permissions.check_can_verify(by, addressee)
    if seen != reach_digest(addressee):
        raise Denied(_("Where it is reached was changed meanwhile. Look at it again before you verify it."))
    addressee.verified_on, addressee.verified_by = now.date(), by
    addressee.save(update_fields=["verified_on", "verified_by"])
    record_event(by=by, action="addressee.verify", on=addressee, details={"kind": addressee.kind}, at=now)
    return addressee


@transaction.atomic
def close_down(*, by: User, addressee: Addressee, now: datetime | None = None) -> Addressee:
    """Nothing is sent to it any more, nor is it offered; what was sent stays on its page."""
    now = now or timezone.now()
    addressee = Addressee.objects.select_for_update().get(pk=addressee.pk)
    permissions.check_can_close_down(by, addressee)
    addressee.closed_on = now.date()
    addressee.save(update_fields=["closed_on"])
    record_event(by=by, action="addressee.close_down", on=addressee, at=now)
    return addressee


@transaction.atomic
def reopen(*, by: User, addressee: Addressee, now: datetime | None = None) -> Addressee:
    """Taken up again; as nobody knows what happened meanwhile, somebody has to verify it anew."""
    now = now or timezone.now()
    addressee = Addressee.objects.select_for_update().get(pk=addressee.pk)
    permissions.check_can_reopen(by, addressee)
    addressee.closed_on = addressee.verified_on = addressee.verified_by = None
    addressee.save(update_fields=["closed_on", "verified_on", "verified_by"])
    record_event(by=by, action="addressee.reopen", on=addressee, at=now)
    return addressee


def reach_digest(addressee: Addressee) -> str:
    """Stands for where it is reached: another one after each change of that."""
    said = "\0".join(str(getattr(addressee, name)) for name in REACHED)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def apply_details(addressee: Addressee, details: Mapping[str, Any], *, by: User) -> list[str]:
    """Put `details` on the instance; returns the names of what is new."""
    changed = [name for name in DETAILS if name in details and getattr(addressee, name) != details[name]]
    for name in changed:
        setattr(addressee, name, details[name])
    if has_contact_change(changed):
        addressee.verified_on = addressee.verified_by = None
        addressee.changed_by = by
    return changed


def has_contact_change(changed: list[str]) -> bool:
    return not set(REACHED).isdisjoint(changed)


def audit_details(changed: list[str]) -> dict[str, Any]:
    """As the record has it: what was changed by name, never an address."""
    return {"fields": sorted(changed), "unverified": has_contact_change(changed)}


def save_unique(addressee: Addressee) -> Addressee:
    """Saved; `Denied` where somebody else gave the same name to another one in the same moment."""
    try:
        with transaction.atomic():
            addressee.save()
    except IntegrityError as error:
        if constraint_of(error) != NAME_CONSTRAINT:
            raise
        raise Denied(_("There is an addressee of this kind and name.")) from None
    return addressee
