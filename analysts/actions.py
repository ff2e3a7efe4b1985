"""The verbs: what staff do to an incident.

Each checks permission, changes rows and writes its audit event in one transaction.
All raise `Denied` with a reason for the person who asked, and `Late` where somebody else was faster or the claim has
been lost meanwhile.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts import contents, erasure, permissions
from analysts.codes import Closing, Commerciality, HoldReason, Reason, ReferralKind, SiteType, Verdict
from analysts.models import Assessment, Hold, Incident, Referral, Report, User
from analysts.models.incident import LOWEST
from analysts.states import target
from audit.actions import JSON, Actor, record
from audit.permissions import Denied
from countries.models import Portal
from reports import keys, sealing
from reports.actions import message_info
from reports.addresses import AddressKind, find_addresses
from reports.models import KeyClass, Message, the_hour


class Late(Denied):
    """Somebody else was faster, or the claim ran out: the act was right, but it came late."""


def _locked(incident: Incident, by: User) -> Incident:
    """The row as it is now, locked until the transaction ends, if it exists for `by`."""
    try:
        return Incident.objects.visible_to(by).select_for_update(of=("self",)).get(pk=incident.pk)
    except Incident.DoesNotExist:
        raise Denied(_("This incident does not exist.")) from None


def _check_fence(incident: Incident, fence: int) -> None:
    if incident.fence != fence:
        raise Late(_("Your claim has ended and the incident has moved on; nothing was changed."))


def _record(
    action: str,
    incident: Incident,
    *,
    by: Actor | None,
    now: datetime,
    details: dict[str, JSON] | None = None,
) -> None:
    sightings = incident.sightings.order_by("portal__slug")
    if isinstance(by, User):
        # Of the portals the actor works for: an incident is often shared with others.
        sightings = sightings.filter(portal__in=by.portals.all())
    portal = sightings.values_list("portal__slug", flat=True).first()
    record(by=by, action=f"incident.{action}", on=incident, portal=portal or "", details=details, at=now)


def _save(incident: Incident, *fields: str) -> None:
    """Save what a verb changed, and mark that the receipts' states are to be published anew."""
    incident.unpublished = True
    incident.save(update_fields=[*fields, "unpublished"])


def _free(incident: Incident) -> list[str]:
    """End the claim on the instance; returns the fields to save."""
    incident.claimed_by = None
    incident.claimed_until = None
    return ["state", "claimed_by", "claimed_until"]


def _take(incident: Incident, *, holder: User, now: datetime) -> None:
    incident.state = target("claim")
    incident.claimed_by = holder
    incident.claimed_until = now + timedelta(minutes=settings.CLAIM_MINUTES)
    incident.fence += 1
    _save(incident, "state", "claimed_by", "claimed_until", "fence")


@transaction.atomic
def claim(*, by: User, incident: Incident, now: datetime | None = None) -> Incident:
    """Take this incident, for CLAIM_MINUTES."""
    now = now or timezone.now()
    incident = _locked(incident, by)
    permissions.check_can_claim(by, incident)
    _take(incident, holder=by, now=now)
    _record("claim", incident, by=by, now=now)
    return incident


@transaction.atomic
def claim_next(*, by: User, portal: Portal | None = None, now: datetime | None = None) -> Incident | None:
    """Take the best waiting incident that nobody else is just taking; None where none is left."""
    now = now or timezone.now()
    permissions.check_can_see_queue(by)
    waiting = Incident.objects.waiting().visible_to(by).in_order().select_for_update(skip_locked=True, of=("self",))
    if portal is not None:
        waiting = waiting.sighted_by(portal)
    incident = waiting.first()
    if incident is None:
        return None
    _take(incident, holder=by, now=now)
    _record("claim", incident, by=by, now=now, details={"next": True})
    return incident


@transaction.atomic
def release(*, by: User, incident: Incident, fence: int, now: datetime | None = None) -> Incident:
    """Put it back into the queue. Never needs a reason."""
    now = now or timezone.now()
    incident = _locked(incident, by)
    permissions.check_can_release(by, incident)
    _check_fence(incident, fence)
    incident.state = target("release")
    _save(incident, *_free(incident))
    _record("release", incident, by=by, now=now)
    return incident


@transaction.atomic
def hand_over(*, by: User, incident: Incident, to: User, fence: int, now: datetime | None = None) -> Incident:
    """Give the claim to a colleague who may see the incident; their lease starts now."""
    now = now or timezone.now()
    incident = _locked(incident, by)
    permissions.check_can_hand_over(by, incident)
    permissions.check_can_receive(to, incident)
    _check_fence(incident, fence)
    _take(incident, holder=to, now=now)
    _record("hand_over", incident, by=by, now=now, details={"to": to.get_username()})
    return incident


def expire_claims(*, now: datetime | None = None) -> int:
    """Put incidents whose lease ran out back into the queue; returns how many. Run by the worker each minute."""
    now = now or timezone.now()
    expired = 0
    for pk in Incident.objects.overdue(now=now).values_list("pk", flat=True)[:200]:
        with transaction.atomic():
            incident = Incident.objects.overdue(now=now).select_for_update(skip_locked=True).filter(pk=pk).first()
            if incident is None:
                continue
            holder = incident.claimed_by.get_username() if incident.claimed_by else ""
            incident.state = target("expire")
            _save(incident, *_free(incident))
            _record("expire", incident, by=None, now=now, details={"holder": holder})
            expired += 1
    return expired


@transaction.atomic
def assess(
    *,
    by: User,
    incident: Incident,
    fence: int,
    verdict: Verdict,
    severity: str = "",
    age_band: str = "",
    sex: str = "",
    site_type: SiteType = SiteType.NOT_DETERMINED,
    commerciality: Commerciality = Commerciality.NOT_DETERMINED,
    flags: Sequence[str] = (),
    reason: Reason | str = "",
    now: datetime | None = None,
) -> Assessment:
    """Record the verdict. Anything but illegal closes the incident in the same act: there is nothing to do about it."""
    now = now or timezone.now()
    incident = _locked(incident, by)
    permissions.check_can_assess(by, incident)
    _check_fence(incident, fence)
    assessment = Assessment.objects.create(
        incident=incident,
        by=by,
        at=now,
        verdict=verdict,
        severity=severity,
        age_band=age_band,
        sex=sex,
        site_type=site_type,
        commerciality=commerciality,
        flags=list(flags),
        reason=reason,
    )
    incident.state = target("assess")
    # Considered with everything else; a later report of danger sets it again.
    incident.child_in_danger = False
    changed = [*_free(incident), "child_in_danger"]
    if verdict != Verdict.ILLEGAL:
        changed += _closed(incident, Closing.NOT_ACTIONED, now)
    _save(incident, *changed)
    details: dict[str, JSON] = {"verdict": str(verdict), "severity": str(severity), "reason": str(reason)}
    _record("assess", incident, by=by, now=now, details=details)
    return assessment


def _closed(incident: Incident, closing: Closing, now: datetime) -> list[str]:
    incident.state = target("close")
    incident.closing = closing
    incident.closed_on = now.date()
    return ["state", "closing", "closed_on"]


def _check_addressee(addressee: str, incident: Incident) -> None:
    """An addressee is kept in clear: it may name a host as such, never what was reported."""
    reported = contents.address(incident)
    own = {found.key for found in find_addresses(reported.normalised)} if reported else set()
    for found in find_addresses(addressee):
        bare = found.reported.rpartition("://")[2].removesuffix("/")
        if found.kind != AddressKind.WEB or set(bare) & set("/?#:@") or found.key in own:
            raise Denied(_("This names what was reported. Name the host, hotline, police force or list."))


@transaction.atomic
def refer(*, by: User, incident: Incident, kind: ReferralKind, addressee: str, now: datetime | None = None) -> Referral:
    """Record one thing done about an illegal incident. The same kind to the same addressee once a verdict."""
    now = now or timezone.now()
    incident = _locked(incident, by)
    permissions.check_can_refer(by, incident)
    _check_addressee(addressee, incident)
    referral, created = Referral.objects.get_or_create(
        assessment=incident.assessments.latest("at"),
        kind=kind,
        addressee=addressee,
        defaults={"incident": incident, "by": by, "at": now},
    )
    if not created:
        raise Late(_("This has been recorded already."))
    incident.state = target("refer")
    _save(incident, "state")
    _record("refer", incident, by=by, now=now, details={"kind": str(kind), "referral": str(referral.pk)})
    return referral


@transaction.atomic
def close(*, by: User, incident: Incident, closing: Closing, now: datetime | None = None) -> Incident:
    """End the work on an illegal incident: its content is gone, or all that can be done was done."""
    now = now or timezone.now()
    incident = _locked(incident, by)
    permissions.check_can_close(by, incident)
    if closing == Closing.NOT_ACTIONED:
        raise Denied(_("Only an assessment can say that there is nothing to act on."))
    _save(incident, *_closed(incident, closing, now))
    _record("close", incident, by=by, now=now, details={"closing": str(closing)})
    return incident


@transaction.atomic
def reopen(*, by: User, incident: Incident, now: datetime | None = None) -> Incident:
    """Back into the queue, to be assessed again: it re-appeared, or the verdict needs another look."""
    now = now or timezone.now()
    incident = _locked(incident, by)
    permissions.check_can_reopen(by, incident)
    put_back(incident, now=now)
    _record("reopen", incident, by=by, now=now)
    return incident


def put_back(incident: Incident, *, now: datetime) -> None:
    """The change of rows behind every reopening; inside the caller's transaction."""
    incident.state = target("reopen")
    incident.closing = ""
    incident.closed_on = None
    incident.waiting_since = the_hour(now)
    # Somebody has a reason to look at this one.
    incident.flood, incident.priority = b"", max(incident.priority, LOWEST + 1)
    _save(incident, "state", "closing", "closed_on", "waiting_since", "flood", "priority")


@transaction.atomic
def ask(*, by: User, report: Report, incident: Incident, question: str, now: datetime | None = None) -> Message:
    """A question to the holder of the receipt, sealed to their mailbox and once more for staff."""
    now = now or timezone.now()
    incident = _locked(incident, by)
    permissions.check_can_ask(by, incident)
    if not Report.objects.visible_to(by).filter(pk=report.pk, sightings__incident=incident).exists():
        raise Denied(_("This report does not exist."))
    key = keys.public_key(now, KeyClass.WORDS)
    info = message_info(report.receipt_id)
    message = Message.objects.create(
        receipt_id=report.receipt_id,
        asked_on=now.date(),
        key_id=key.id,
        sealed_for_reporter=sealing.seal(
            {"text": question}, to=sealing.PublicKey("mailbox", bytes(report.receipt.mailbox_key)), info=info
        ),
        sealed_for_staff=sealing.seal({"text": question}, to=key, info=info),
    )
    _record("ask", incident, by=by, now=now, details={"report": str(report.pk), "characters": len(question)})
    return message


@transaction.atomic
def hold(
    *, by: User, incident: Incident, reason: HoldReason, review_on: date, note: str = "", now: datetime | None = None
) -> Hold:
    """Keep address and words of the incident until the hold is released, however long it has been closed."""
    now = now or timezone.now()
    # A key that is just being destroyed first, so that nobody is told "held" about what goes in the same moment.
    erasure.await_destruction()
    incident = _locked(incident, by)
    permissions.check_can_hold(by, incident)
    if review_on <= now.date():
        raise Denied(_("The day of review lies in the future."))
    if find_addresses(note):
        raise Denied(_("The note names an address. Write a file number or a name of the office, no content."))
    held = Hold.objects.create(incident=incident, reason=reason, note=note, review_on=review_on, by=by, at=now)
    details: dict[str, JSON] = {"reason": str(reason), "review_on": str(review_on)}
    _record("hold", incident, by=by, now=now, details=details)
    return held


@transaction.atomic
def release_hold(*, by: User, incident: Incident, now: datetime | None = None) -> Hold:
    """End the legal hold: from now on the incident is kept as long as any other."""
    now = now or timezone.now()
    incident = _locked(incident, by)
    permissions.check_can_release_hold(by, incident)
    held = incident.holds.get(released_at=None)
    held.released_by, held.released_at = by, now
    held.save(update_fields=["released_by", "released_at"])
    _record("release_hold", incident, by=by, now=now, details={"reason": held.reason})
    return held


@transaction.atomic
def reveal(*, by: User, incident: Incident, now: datetime | None = None) -> Incident:
    """Put on record that the address and the words were shown in clear."""
    incident = _locked(incident, by)
    permissions.check_can_reveal(by, incident)
    _record("reveal", incident, by=by, now=now or timezone.now())
    return incident


@transaction.atomic
def view(*, by: User, incident: Incident, revealed: bool, now: datetime | None = None) -> None:
    """Put on record that the incident's page was seen."""
    permissions.check_can_see_incident(by)
    _record("view", incident, by=by, now=now or timezone.now(), details={"revealed": revealed})


@transaction.atomic
def view_queue(*, by: User, filters: dict[str, str], now: datetime | None = None) -> None:
    """Put on record that the queue was seen, and through which filters."""
    permissions.check_can_see_queue(by)
    record(by=by, action="queue.view", details={**filters}, at=now or timezone.now())


@transaction.atomic
def view_keys(*, by: User, now: datetime | None = None) -> None:
    """Put on record that the page of keys and erasure was seen."""
    permissions.check_can_see_keys(by)
    record(by=by, action="key.view", at=now or timezone.now())
