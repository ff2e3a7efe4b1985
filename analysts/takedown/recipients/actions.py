"""Actions that add, change, verify, deactivate and reactivate recipients."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.codes.recipient_kinds import RecipientKind
from analysts.models import Recipient, User
from analysts.models.recipient import NAME_CONSTRAINT, Channel
from analysts.takedown.next_steps.actions import refresh_steps_of_recipient
from analysts.takedown.recipients import permissions
from audit.actions import JSON, record_event
from audit.changes import describe_changes, describe_text
from audit.permissions import Denied
from reports.actions import constraint_of

# The fields that operators enter. A change to one in VERIFIED removes the verification.
DETAILS = (
    *Recipient.VERIFIED,
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
PROPOSAL = ["proposed_email", "proposed_source", "proposed_by", "proposed_at"]
# Typed text of an owner may be the reported site's own; the source of any recipient's details, too.
TYPED = ("name", "email", "form_address", "phone", "proposed_email")


def find_or_create_recipient(*, kind: RecipientKind, name: str, country: str = "") -> Recipient:
    """Return the recipient with this type and name (case-insensitive); create it, unverified, if there is none.

    For actions that know a recipient by name only. The caller provides the transaction, the permission check and the
    audit event. Raises ValueError for an empty name.
    """
    name = " ".join(name.split())[: Recipient._meta.get_field("name").max_length].strip()
    if not name:
        raise ValueError("A recipient needs a name.")
    recipient = Recipient.objects.called(kind, name).first()
    if recipient is not None:
        return recipient
    try:
        with transaction.atomic():
            return Recipient.objects.create(kind=kind, name=name, country=country)
    except IntegrityError:
        # Another transaction created the same recipient concurrently.
        return Recipient.objects.called(kind, name).get()


@transaction.atomic
def add_recipient(*, by: User, details: Mapping[str, object], now: datetime | None = None) -> Recipient:
    """Add a recipient, which a second person has to verify. `details`: values for the fields in DETAILS."""
    now = now or timezone.now()
    permissions.check_can_edit(by)
    recipient = save_unique(Recipient(**details, changed_by=by, changed_at=now))
    record_event(by=by, action="recipient.add", on=recipient, details=audit_details({}, recipient), at=now)
    return recipient


@transaction.atomic
def change_recipient(
    *, by: User, recipient: Recipient, details: Mapping[str, object], now: datetime | None = None
) -> Recipient:
    """Change the given fields of DETAILS. A change to a field in `Recipient.VERIFIED` removes the verification."""
    now = now or timezone.now()
    recipient = Recipient.objects.select_for_update().get(pk=recipient.pk)
    permissions.check_can_edit(by)
    before = recorded_values(recipient)
    if apply_details(recipient, details, by=by, now=now):
        save_unique(recipient)
        refresh_steps_of_recipient(recipient.pk, now=now)
        record_event(by=by, action="recipient.change", on=recipient, details=audit_details(before, recipient), at=now)
    return recipient


def propose_contact(recipient: Recipient, *, email: str, source: str, by: User, now: datetime) -> None:
    """Enter the abuse contact that a trace found, which a second person has to verify.

    If the recipient has another one, or is reached in another way, the contact waits beside it until a second person
    decides. The caller provides the transaction and the permission check.
    """
    recipient = Recipient.objects.select_for_update().get(pk=recipient.pk)
    known = {recipient.email.casefold(), recipient.proposed_email.casefold()}
    if email.casefold() in known:
        return
    before = recorded_values(recipient)
    is_entered = not (recipient.email or recipient.is_verified or recipient.closed_on)
    if is_entered and Channel(recipient.channel).is_mail:
        apply_details(recipient, {"email": email, "source": source}, by=by, now=now)
        recipient.save(update_fields=["email", "source", "verified_on", "verified_by", "changed_by", "changed_at"])
        refresh_steps_of_recipient(recipient.pk, now=now)
    else:
        _set_proposal(recipient, email, source, by=by, at=now)
        recipient.save(update_fields=PROPOSAL)
    record_event(by=by, action="recipient.change", on=recipient, details=audit_details(before, recipient), at=now)


@transaction.atomic
def decide_contact(
    *, by: User, recipient: Recipient, takes: bool, digest_on_page: str, email_on_page: str, now: datetime | None = None
) -> Recipient:
    """Replace the contact by the proposed one, which is verified thereby, or keep the known one.

    Args:
        digest_on_page: the `value_digest` of the details that the user saw; `email_on_page`: the proposed contact.
    """
    now = now or timezone.now()
    recipient = Recipient.objects.select_for_update().get(pk=recipient.pk)
    permissions.check_can_decide_contact(by, recipient, takes=takes)
    if (digest_on_page, email_on_page) != (recipient.value_digest(), recipient.proposed_email):
        raise Denied(_("The contact details have changed since you opened the page. Compare them again."))
    before = recorded_values(recipient)
    if takes:
        found = {"email": recipient.proposed_email, "source": recipient.proposed_source}
        apply_details(recipient, found, by=recipient.proposed_by, now=recipient.proposed_at or now)
        if permissions.can_be_reached(recipient):
            recipient.verified_on, recipient.verified_by = now.date(), by
            recipient.mark_verified()
    _set_proposal(recipient, "", "", by=None, at=None)
    recipient.save()
    refresh_steps_of_recipient(recipient.pk, now=now)
    details = audit_details(before, recipient) | {"taken": takes}
    record_event(by=by, action="recipient.decide_contact", on=recipient, details=details, at=now)
    return recipient


def _set_proposal(recipient: Recipient, email: str, source: str, *, by: User | None, at: datetime | None) -> None:
    recipient.proposed_email, recipient.proposed_source = email, source
    recipient.proposed_by, recipient.proposed_at = by, at


@transaction.atomic
def verify(*, by: User, recipient: Recipient, digest_on_page: str, now: datetime | None = None) -> Recipient:
    """Mark the recipient as verified. `digest_on_page`: the `value_digest` of the details that the user saw."""
    now = now or timezone.now()
    recipient = Recipient.objects.select_for_update().get(pk=recipient.pk)
    permissions.check_can_verify(by, recipient)
    if digest_on_page != recipient.value_digest():
        raise Denied(
            _("The contact details have changed since you opened the page. Check them again before you verify them.")
        )
    before = recorded_values(recipient)
    recipient.verified_on, recipient.verified_by = now.date(), by
    recipient.mark_verified()
    recipient.save(update_fields=["verified_on", "verified_by", "verified_digest"])
    refresh_steps_of_recipient(recipient.pk, now=now)
    record_event(by=by, action="recipient.verify", on=recipient, details=audit_details(before, recipient), at=now)
    return recipient


@transaction.atomic
def close_down(*, by: User, recipient: Recipient, now: datetime | None = None) -> Recipient:
    """Deactivate the recipient: it gets no more notices and is no longer offered. Its history is kept."""
    now = now or timezone.now()
    recipient = Recipient.objects.select_for_update().get(pk=recipient.pk)
    permissions.check_can_close_down(by, recipient)
    before = recorded_values(recipient)
    recipient.closed_on = now.date()
    recipient.save(update_fields=["closed_on"])
    refresh_steps_of_recipient(recipient.pk, now=now)
    record_event(by=by, action="recipient.close_down", on=recipient, details=audit_details(before, recipient), at=now)
    return recipient


@transaction.atomic
def reopen(*, by: User, recipient: Recipient, now: datetime | None = None) -> Recipient:
    """Reactivate the recipient, unverified: its details may have changed while it was inactive."""
    now = now or timezone.now()
    recipient = Recipient.objects.select_for_update().get(pk=recipient.pk)
    permissions.check_can_reopen(by, recipient)
    before = recorded_values(recipient)
    recipient.closed_on = recipient.verified_on = recipient.verified_by = None
    recipient.save(update_fields=["closed_on", "verified_on", "verified_by"])
    refresh_steps_of_recipient(recipient.pk, now=now)
    record_event(by=by, action="recipient.reopen", on=recipient, details=audit_details(before, recipient), at=now)
    return recipient


def apply_details(recipient: Recipient, details: Mapping[str, object], *, by: User | None, now: datetime) -> list[str]:
    """Set `details` on the unsaved instance and return the names of the changed fields.

    A changed recipient keeps the digest of what was verified: it says that there was a verification.
    """
    changed = [name for name in DETAILS if name in details and getattr(recipient, name) != details[name]]
    for name in changed:
        setattr(recipient, name, details[name])
    if has_contact_change(changed):
        recipient.verified_on = recipient.verified_by = None
        recipient.changed_by, recipient.changed_at = by, now
    return changed


def has_contact_change(changed: list[str]) -> bool:
    return not set(Recipient.VERIFIED).isdisjoint(changed)


def recorded_values(recipient: Recipient) -> dict[str, object]:
    """The values that an audit event may have to show. Copies: a later change of the instance does not change them."""
    names = (*DETAILS, "proposed_email", "proposed_source", "verified_on", "closed_on")
    return {name: list(value) if isinstance(value := getattr(recipient, name), list) else value for name in names}


def audit_details(before: Mapping[str, object], recipient: Recipient) -> dict[str, JSON]:
    """Details of the audit event: the type, and old and new value of each changed field.

    `before`: the `recorded_values` from before the change; {} for a new recipient. An owner's name and contact details
    are recorded by length and digest, as the source always is.
    """
    after = recorded_values(recipient)
    of_owner = RecipientKind.OWNER in (before.get("kind"), recipient.kind)
    hidden = {"source", "proposed_source", *(TYPED if of_owner else ())}
    changes = describe_changes(_without_texts(before, hidden), _without_texts(after, hidden))
    return {"kind": recipient.kind, "changes": changes}


def _without_texts(values: Mapping[str, object], hidden: Collection[str]) -> dict[str, object]:
    return {name: describe_text(str(value)) if value and name in hidden else value for name, value in values.items()}


def save_unique(recipient: Recipient) -> Recipient:
    """Save the recipient; raises `Denied` if another recipient has the same type and name."""
    try:
        with transaction.atomic():
            recipient.save()
    except IntegrityError as error:
        if constraint_of(error) != NAME_CONSTRAINT:
            raise
        raise Denied(_("A recipient with this type and name already exists.")) from None
    return recipient
