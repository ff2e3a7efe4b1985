"""The effect of a trace on each open takedown of a host, for the preview before all of them are traced at once."""

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.models import Chase, HostingTrace, Incident, Recipient, RecipientKind, TraceMethod, User
from analysts.takedown.facts.trace_consensus import Agreed, HostingPlace, TraceConsensus, consensus_of
from analysts.takedown.tracing.actions import TypedTrace, build_traces, check_trace
from analysts.takedown.tracing.page_section import place_label, place_of


def named_provider(name: str) -> Recipient:
    """The provider of this name; an unsaved one if it is new."""
    provider = Recipient.objects.called(RecipientKind.HOST, " ".join(name.split())).first()
    return provider or Recipient(kind=RecipientKind.HOST, name=name)


def expect_consensus(
    user: User,
    incident: Incident,
    traces: Collection[HostingTrace],
    methods: Collection[TraceMethod],
    typed: TypedTrace,
    provider: Recipient,
    now: datetime,
) -> TraceConsensus:
    """The consensus once these traces are recorded. Raises Denied if they cannot be.

    Args:
        traces: those that count for the incident so far.
        provider: the recipient that `typed` names, saved or not.
    """
    check_trace(user, incident, typed, now)
    return consensus_of([*traces, *build_traces(incident, methods, typed, provider, user, now=now)])


def describe_effect(incident: Incident, consensus: TraceConsensus) -> str:
    """The effect of an expected consensus on the agreed hosting, as text."""
    if consensus.agreed is None:
        return _explain_missing(consensus.missing)
    return _describe_hosting(incident.known_chases[-1], consensus.agreed)


def _explain_missing(missing: int) -> str:
    if not missing:
        return _("Not agreed: other traces name another place.")
    return ngettext(
        "%(number)s more method must name the same place.",
        "%(number)s more methods must name the same place.",
        missing,
    ) % {"number": missing}


def _describe_hosting(chase: Chase, agreed: Agreed) -> str:
    place = place_label(agreed.country, agreed.provider)
    if not chase.trace:
        return _("Hosting agreed: %(place)s.") % {"place": place}
    before = HostingPlace(chase.country, chase.provider_id, chase.network)
    if before.is_same(HostingPlace(agreed.country, agreed.provider.pk, agreed.network)):
        return _("Hosting stays: %(place)s.") % {"place": place}
    words = {"before": place_of(chase), "place": place}
    if chase.routed_trace is None:
        return _("Hosting changes from %(before)s to %(place)s.") % words
    return _("Hosting moves from %(before)s to %(place)s. The new route has to be approved.") % words
