"""What is done after the verdict, until an incident is closed or opened again."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts import contents, permissions
from analysts.actions.rows import Late, closed, locked, record_act, save
from analysts.chasing import rows as chases
from analysts.codes import Closing, Look, ReferralKind
from analysts.models import DropReason, Incident, Referral, User
from analysts.models.incident import LOWEST
from analysts.states import target
from audit.permissions import Denied
from reports.addresses import AddressKind, find_addresses
from reports.models import the_hour


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
    incident = locked(incident, by)
    permissions.check_can_refer(by, incident)
    _check_addressee(addressee, incident)
    referral, created = Referral.objects.get_or_create(
        assessment=incident.assessments.standing().latest("at"),
        kind=kind,
        addressee=addressee,
        defaults={"incident": incident, "by": by, "at": now},
    )
    if not created:
        raise Late(_("This has been recorded already."))
    incident.state = target("refer")
    save(incident, "state")
    record_act("refer", incident, by=by, now=now, details={"kind": str(kind), "referral": str(referral.pk)})
    return referral


@transaction.atomic
def close(*, by: User, incident: Incident, closing: Closing, now: datetime | None = None) -> Incident:
    """End the work on an illegal incident: its content is gone, or all that can be done was done."""
    now = now or timezone.now()
    incident = locked(incident, by)
    permissions.check_can_close(by, incident)
    if closing == Closing.NOT_ACTIONED:
        raise Denied(_("Only an assessment can say that there is nothing to act on."))
    if closing == Closing.MERGED:
        raise Denied(_("Say which incident it is merged into."))
    chases.end(incident, reason=DropReason.GONE if closing == Closing.GONE else DropReason.ENDED, now=now)
    save(incident, *closed(incident, closing, now))
    record_act("close", incident, by=by, now=now, details={"closing": str(closing)})
    return incident


@transaction.atomic
def reopen(*, by: User, incident: Incident, now: datetime | None = None) -> Incident:
    """Back into the queue, to be assessed again: it re-appeared, or the verdict needs another look."""
    now = now or timezone.now()
    incident = locked(incident, by)
    permissions.check_can_reopen(by, incident)
    put_back(incident, now=now)
    record_act("reopen", incident, by=by, now=now)
    return incident


def put_back(incident: Incident, *, now: datetime) -> None:
    """The change of rows behind every reopening; inside the caller's transaction. What was warned of stays."""
    incident.state = target("reopen")
    incident.round, incident.look, incident.severity = incident.round + 1, Look.FIRST, ""
    incident.merged_into = None
    incident.closing = ""
    incident.closed_on = None
    incident.waiting_since = the_hour(now)
    # Somebody has a reason to look at this one.
    incident.flood, incident.priority = b"", max(incident.priority, LOWEST + 1)
    again = ("round", "look", "severity", "merged_into", "waiting_since", "flood", "priority")
    save(incident, "state", "closing", "closed_on", *again)
