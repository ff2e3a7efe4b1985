"""Start, update and end a chase, in the caller's transaction; permissions and audit events are the caller's."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analysts.models import Chase, Incident, IncidentKind, NoticeItem
from analysts.models.notice import UNSENT, DropReason
from analysts.takedown.facts.looks import has_look
from analysts.takedown.facts.trace_consensus import HostingPlace, find_agreed_hosting
from analysts.takedown.url_list import entries
from audit.permissions import Late


def open_chase(incident: Incident | UUID) -> Chase | None:
    """Return the incident's open chase, locked so that no notice about it is sent before the transaction ends.

    None before an illegal verdict and after the chase has ended. `incident`: the incident or its id.
    """
    return Chase.objects.select_for_update(of=("self",)).filter(incident=incident, ended_at=None).first()


def require_open_chase(incident: Incident) -> Chase:
    """Return the open chase as `open_chase` does; raise `Late` if it has just ended."""
    chase = open_chase(incident)
    if chase is None:
        raise Late(_("The takedown of this incident has just ended."))
    return chase


def begin_chase(incident: Incident, *, now: datetime) -> Chase | None:
    """Start a chase after an illegal verdict, or continue the open one if the incident was reopened during it.

    Returns None for words without an address, which have no host and cannot be named in a notice.
    """
    if incident.kind == IncidentKind.WORDS:
        return None
    chase = open_chase(incident)
    if chase is None:
        # An undone verdict ended a chase of this round: its referrals are closed, and it needs a new route.
        ended = Chase.objects.filter(incident=incident, round=incident.round)
        if not ended.update(ended_at=None, due_at=now, routed_trace=None):
            chase = Chase.objects.create(incident=incident, round=incident.round, since=now, due_at=now)
        # After an undone verdict the traces of the earlier chase still count.
        return update_look(update_agreed_hosting(incident, chase, now=now), now=now)
    chase.round = incident.round
    chase.due_at = now
    chase.save(update_fields=["round", "due_at"])
    return update_look(chase, now=now)


def update_look(chase: Chase, *, now: datetime) -> Chase:
    """Note whether first notices of the locked chase wait for a look, after a verdict or a check was recorded."""
    unseen_since = None if has_look(chase) else chase.unseen_since or now
    if chase.unseen_since != unseen_since:
        chase.unseen_since = unseen_since
        chase.save(update_fields=["unseen_since"])
    return chase


def update_agreed_hosting(incident: Incident, begun: Chase | None = None, *, now: datetime) -> Chase:
    """Set the open chase to the hosting the traces agree on; while they disagree, keep the previous one.

    `begun`: the open chase, if the caller's transaction has just created it.
    """
    chase = begun or Chase.objects.select_for_update(of=("self",)).get(incident=incident, ended_at=None)
    # Drop the cached chases, which may be out of date.
    incident.__dict__.pop("known_chases", None)
    hosting = find_agreed_hosting(incident)
    if hosting is None and begun is not None:
        return begun
    # The next run checks it again: there may now be a route to confirm, or one trace fewer to wait for.
    chase.due_at = now
    if hosting is None:
        chase.save(update_fields=["due_at"])
        return chase
    before = HostingPlace(chase.country, chase.provider_id, chase.network)
    is_same = before.is_same(HostingPlace(hosting.country, hosting.provider.pk, hosting.network))
    # Another name for the provider of a confirmed route is no move, and its recipient stays.
    provider = chase.provider if is_same and chase.routed_trace is not None else hosting.provider
    if not is_same or provider != chase.provider:
        chase.trace += 1
    chase.country, chase.provider, chase.network = hosting.country, provider, hosting.network
    chase.traced_at = hosting.at
    chase.save(update_fields=["due_at", "country", "provider", "network", "traced_at", "trace"])
    return chase


def take_back(incident: Incident, *, begun_at: datetime, now: datetime) -> None:
    """Delete the unrouted chase that the undone verdict of `begun_at` started; chases of earlier verdicts continue."""
    Chase.objects.filter(incident=incident, since=begun_at, routed_trace=None, ended_at=None).delete()
    if chase := open_chase(incident):
        update_look(chase, now=now)


def end_chase(incident: Incident, *, reason: DropReason, stays_listed: bool = False, now: datetime) -> None:
    """End the open chase and its referrals, drop unsent items, and take the URL off the list unless `stays_listed`.

    `stays_listed`: the content is assumed to be still online.
    """
    chase = open_chase(incident)
    # A removal counts only when enough checks in a row confirm it.
    removed_at = chase.removed_at if chase and reason == DropReason.GONE else None
    incident.referrals.filter(ended_at=None).update(ended_at=now, removed_at=removed_at)
    if chase is not None:
        chase.ended_at, chase.due_at = now, None
        chase.save(update_fields=["ended_at", "due_at"])
        # Items left out for an unconfirmed address no longer need a person either.
        unsent = Q(dropped="", interval__isnull=False, notice__state__in=UNSENT)
        waiting = NoticeItem.objects.filter(
            unsent | Q(dropped=DropReason.UNCONFIRMED), incident=incident, corrects=None
        )
        waiting.update(dropped=reason)
    if stays_listed:
        return
    # Last: this locks the list, and others waiting for that lock must not also wait for a run that holds the chase.
    entries.remove_entry(incident, now=now)
