"""The row of a chase: begun with the verdict, ended once. Inside the caller's transaction; no permission, no record."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analysts.models import Chase, Incident, IncidentKind, NoticeItem
from analysts.models.notice import UNSENT, DropReason
from analysts.takedown.facts.trace_consensus import find_agreed_hosting
from analysts.takedown.url_list import entries
from audit.permissions import Late


def open_chase(incident: Incident | UUID) -> Chase | None:
    """The one the incident is under, locked: nobody sends anything about it before the transaction ends.

    None before an illegal verdict and after the end. `incident`: it, or its id.
    """
    return Chase.objects.select_for_update(of=("self",)).filter(incident=incident, ended_at=None).first()


def require_open_chase(incident: Incident) -> Chase:
    """The same; `Late` where the work on the incident has just ended."""
    chase = open_chase(incident)
    if chase is None:
        raise Late(_("The work on this incident has just ended."))
    return chase


def begin_chase(incident: Incident, *, now: datetime) -> Chase | None:
    """Found illegal: from now on something is due. What was opened again while it was chased goes on being chased.

    None for words without an address: they are hosted nowhere, and no letter can name them.
    """
    if incident.kind == IncidentKind.WORDS:
        return None
    chase = open_chase(incident)
    if chase is None:
        # One of this round was ended by a verdict that was taken back: whom it told is over, and it is routed anew.
        ended = Chase.objects.filter(incident=incident, round=incident.round)
        if not ended.update(ended_at=None, due_at=now, routed_trace=None):
            Chase.objects.create(incident=incident, round=incident.round, since=now, due_at=now)
        # It was traced already where an earlier verdict was taken back.
        return update_agreed_hosting(incident, now=now)
    chase.round = incident.round
    chase.due_at = now
    chase.save(update_fields=["round", "due_at"])
    return chase


def update_agreed_hosting(incident: Incident, *, now: datetime) -> Chase:
    """Bring the open chase to what the traces agree on; while they disagree it keeps what was agreed before."""
    chase = Chase.objects.select_for_update(of=("self",)).get(incident=incident, ended_at=None)
    # What is due is found out anew: by now there may be a route to confirm, or one trace less to wait for.
    chase.due_at = now
    # As they are now; the instance may remember those of before.
    incident.__dict__.pop("known_chases", None)
    if (found := find_agreed_hosting(incident)) is None:
        chase.save(update_fields=["due_at"])
        return chase
    if (chase.country, chase.provider_id) != (found.country, found.provider.pk):
        chase.trace += 1
    chase.country, chase.provider, chase.network = found.country, found.provider, found.network
    chase.traced_at = found.at
    chase.save(update_fields=["due_at", "country", "provider", "network", "traced_at", "trace"])
    return chase


def take_back(incident: Incident, *, begun_at: datetime) -> None:
    """The verdict of `begun_at` was taken back, and nothing was built on it. What an earlier one began goes on."""
    Chase.objects.filter(incident=incident, since=begun_at, routed_trace=None, ended_at=None).delete()


def end_chase(incident: Incident, *, reason: DropReason, stays_listed: bool = False, now: datetime) -> None:
    """Nothing more is sent about it, and it is off the URL list unless it is still there for all that anybody knows."""
    chase = open_chase(incident)
    # A single look that found it gone, which no others confirmed, tells of no removal.
    gone_at = chase.gone_at if chase and reason == DropReason.GONE else None
    incident.referrals.filter(ended_at=None).update(ended_at=now, gone_at=gone_at)
    if chase is not None:
        chase.ended_at, chase.due_at = now, None
        chase.save(update_fields=["ended_at", "due_at"])
        # What was left out because nobody had confirmed its address needs nobody for that any more.
        unsent = Q(dropped="", notice__state__in=UNSENT)
        waiting = NoticeItem.objects.filter(unsent | Q(dropped=DropReason.UNCONFIRMED), incident=incident)
        waiting.update(dropped=reason)
    if stays_listed:
        return
    # Last: from here on everybody else who changes the list waits, and must not wait for a run that has the chase.
    entries.remove_entry(incident, now=now)
