"""Two people for what the public sees: one asks for a change of a visible portal, another confirms it.

The change waits as a whole document. It is confirmed only while the portal is still what it was when it was asked
for: nothing is overwritten that the second person did not see.
"""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actions import record
from audit.permissions import Denied, HasPermissions
from countries.models import Change, ChangeKind, ChangeState, Portal
from countries.public import published
from countries.staff import document as documents
from countries.staff import lifecycle
from countries.staff.differences import names_of
from countries.staff.document import Document, digest_of, document_of
from countries.staff.lifecycle import Operator
from countries.staff.permissions import check_can_change_portal, check_can_move
from countries.states import Verb


def what(change: Change) -> str:
    """What is asked for, in a word or two."""
    return str(Verb(change.verb).label) if change.verb else change.get_kind_display()


def needs_second(portal: Portal) -> bool:
    """Also of one that was scheduled after it was tried out: it opens by itself with what it says then."""
    return portal.known


def check_can_ask(user: HasPermissions, portal: Portal) -> None:
    check_can_change_portal(user, portal)
    if not needs_second(portal):
        raise Denied(gettext_lazy("The public does not see this portal: change it directly."))


def check_can_refuse(user: HasPermissions, change: Change) -> None:
    check_can_change_portal(user, change.portal)
    if change.state != ChangeState.OPEN:
        raise Denied(gettext_lazy("Somebody else has decided this already."))


def check_can_confirm(user: Operator, change: Change) -> None:
    check_can_refuse(user, change)
    if change.asked_by == user.get_username():
        raise Denied(gettext_lazy("Somebody else has to confirm what you asked for."))
    if change.base != digest_of(document_of(change.portal)):
        raise Denied(gettext_lazy("The portal has changed since. Refuse this, and let it be asked for again."))


@transaction.atomic
def ask_words(*, by: Operator, portal: Portal, document: Document, reason: str, now: datetime | None = None) -> Change:
    """Raises ValidationError where nothing would change, a change waits already, or the document breaks a rule."""
    portal = Portal.objects.held().get(pk=portal.pk)
    check_can_ask(by, portal)
    before = document_of(portal)
    if document == before:
        raise ValidationError(_("Nothing is different from what the public sees now."), code="same")
    _check_free(portal, reason)
    _rehearse(portal, document)
    change = Change.objects.create(
        portal=portal,
        kind=ChangeKind.WORDS,
        document=document,
        base=digest_of(before),
        reason=reason,
        asked_by=by.get_username(),
        asked_at=now or timezone.now(),
    )
    _record(by, "portal.ask_change", change, {"reason": reason, "fields": names_of(before, document)})
    return change


@transaction.atomic
def ask_state(
    *, by: Operator, portal: Portal, verb: str, reason: str, opens_on: date | None = None, now: datetime | None = None
) -> Change:
    """The verb asks again when it is confirmed. Raises Denied as it does, ValidationError as `ask_words`."""
    portal = Portal.objects.held().get(pk=portal.pk)
    check_can_ask(by, portal)
    check_can_move(by, portal, Verb(verb), timezone.localdate(now))
    _check_free(portal, reason)
    change = Change.objects.create(
        portal=portal,
        kind=ChangeKind.STATE,
        verb=verb,
        opens_on=opens_on,
        base=digest_of(document_of(portal)),
        reason=reason,
        asked_by=by.get_username(),
        asked_at=now or timezone.now(),
    )
    _record(by, "portal.ask_change", change, {"reason": reason, "verb": verb})
    return change


@transaction.atomic
def confirm(*, by: Operator, change: Change, now: datetime | None = None) -> Change:
    """Puts the change into effect. Raises Denied, or ValidationError where the document breaks a rule by now."""
    change = _decided(change)
    check_can_confirm(by, change)
    before = document_of(change.portal)
    after: Document = change.document or {}
    _decide(by, change, ChangeState.CONFIRMED, now)
    details: dict[str, Any] = {"asked_by": change.asked_by}
    match ChangeKind(change.kind):
        case ChangeKind.WORDS:
            documents.apply(change.portal, after)
            details["fields"] = names_of(before, after)
        case ChangeKind.STATE:
            lifecycle.transition(
                by=by,
                portal=change.portal,
                verb=change.verb,
                reason=change.reason,
                opens_on=change.opens_on,
                now=now,
            )
            details["verb"] = change.verb
    # The other processes see the change within seconds; this one at once.
    transaction.on_commit(published.forget)
    _record(by, "portal.confirm_change", change, details)
    return change


@transaction.atomic
def refuse(*, by: Operator, change: Change, now: datetime | None = None) -> Change:
    """Whoever asked takes their change back so."""
    change = _decided(change)
    check_can_refuse(by, change)
    _decide(by, change, ChangeState.REFUSED, now)
    _record(by, "portal.refuse_change", change, {"asked_by": change.asked_by})
    return change


def _decided(change: Change) -> Change:
    """The change as it is now. Whoever comes second waits here, and finds it decided."""
    portal = Portal.objects.held().get(pk=change.portal.pk)
    change = Change.objects.select_for_update().get(pk=change.pk)
    change.portal = portal
    return change


def _check_free(portal: Portal, reason: str) -> None:
    if not reason.strip():
        raise ValidationError(_("Say why: whoever confirms it reads this."), code="reason")
    if waiting := portal.changes.filter(state=ChangeState.OPEN).first():
        raise ValidationError(_already_waits(waiting), code="waiting")


def _already_waits(change: Change) -> str:
    return _("A change of this portal, asked for by %(name)s, waits already. It is confirmed or refused first.") % {
        "name": change.asked_by
    }


def _rehearse(portal: Portal, document: Document) -> None:
    with transaction.atomic():
        documents.apply(Portal.objects.get(pk=portal.pk), document)
        transaction.set_rollback(True)


def _decide(by: Operator, change: Change, state: ChangeState, now: datetime | None) -> None:
    change.state = state
    if change.document:
        # It lets people in, and nobody reads it here again.
        change.document = {**change.document, "access_phrase": ""}
    change.decided_by = by.get_username()
    change.decided_at = now or timezone.now()
    change.save(update_fields=["state", "document", "decided_by", "decided_at"])


def _record(by: Operator, action: str, change: Change, details: dict[str, Any]) -> None:
    record(by=by, action=action, on=change, portal=change.portal.slug, details={"kind": change.kind, **details})
