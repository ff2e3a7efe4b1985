"""Parts of other pages: hosting traces on the incident page and in its timeline."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.page_kit import ActionButton, ActionForm, PageSection, SectionHeading
from analysts.incidents.page_urls import incident_url
from analysts.incidents.table import number_label
from analysts.incidents.timeline import MOST_OF_A_KIND, TimelineEntry
from analysts.models import Chase, HostingTrace, Incident, Recipient, RecipientKind, TraceMethod, User
from analysts.takedown.facts.trace_consensus import NEEDED, TraceConsensus, consensus_of, traces_of
from analysts.takedown.tracing import networks
from analysts.takedown.tracing.forms import LookUp, Trace
from analysts.takedown.tracing.permissions import check_can_trace
from analysts.takedown.tracing.same_host import HostSummary, suggest_place, summarise_host
from audit.permissions import why_not
from countries.languages import country_in_words

TRACE, LOOK_UP = "trace", "look_up_network"
# The rest are not suggested, but can be typed.
MOST_OFFERED = 300


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One trace in the section."""

    trace: HostingTrace
    method: str
    place: str
    network: str
    note: str
    # `is_replaced`: a newer trace of its method counts. `is_other`: it names another place than the leading one.
    is_replaced: bool
    is_other: bool


@dataclass(frozen=True, slots=True)
class Hosting:
    traces: list[TraceRow]
    # The place that most methods name, for display; "" before the first trace.
    place: str
    network: str
    is_agreed: bool
    number: int
    missing: int
    # Labels of the methods that prevent agreement.
    unsettled_by: list[str]
    # The previously agreed hosting, while the traces do not agree.
    before: str
    # The leading provider, if its contact details, or another contact, wait for a second person.
    proposed: Recipient | None
    button: ActionButton
    look_up: ActionButton | None
    # When the place in the form was found; None where the form suggests none.
    suggested_at: datetime | None
    # The known hosting providers: name, and country in words.
    hosts: list[tuple[str, str]]
    # How many other takedowns of the same host are open, and the same as text; "" for none.
    number_of_others: int
    others: str
    # Where the form is sent to trace all of them.
    host_url: str

    @property
    def needed(self) -> int:
        return NEEDED


def show_hosting(incident: Incident, user: User, bound: dict[str, ActionForm], now: datetime) -> SectionHeading:
    """The hosting section of the incident page."""
    traces = traces_of(incident)
    consensus = consensus_of(traces)
    return SectionHeading(
        outcome=describe_consensus(consensus),
        build=partial(build_hosting, incident, user, bound, now, traces=traces, consensus=consensus),
        is_open=TRACE in bound or LOOK_UP in bound,
    )


def describe_consensus(consensus: TraceConsensus) -> str:
    number = len(consensus.leading)
    if not number:
        return _("Not traced yet")
    words = {"place": place_label(consensus.leading[0].country, consensus.leading[0].provider), "number": number}
    if consensus.agreed:
        return ngettext("%(place)s: %(number)s method agrees", "%(place)s: %(number)s methods agree", number) % words
    return _("%(number)s of %(needed)s methods name %(place)s") % {**words, "needed": NEEDED}


def build_hosting(
    incident: Incident,
    user: User,
    bound: dict[str, ActionForm],
    now: datetime,
    *,
    traces: Sequence[HostingTrace],
    consensus: TraceConsensus,
) -> PageSection:
    agreed, leading = consensus.agreed, consensus.leading
    refused = why_not(check_can_trace, user, incident)
    chase = incident.known_chases[-1]
    host = HostSummary() if refused else summarise_host(incident, user)
    suggested = suggest_place(traces, host)
    return PageSection(
        "analysts/takedown/tracing/_page_section.html",
        Hosting(
            traces=[trace_row(trace, consensus) for trace in traces],
            place=place_label(leading[0].country, leading[0].provider) if leading else "",
            network=defang_text(agreed.network) if agreed else "",
            is_agreed=agreed is not None,
            number=len(leading),
            missing=consensus.missing,
            unsettled_by=[method_label(trace) for trace in consensus.unsettled_by],
            before="" if agreed or chase.ended_at else place_of(chase),
            proposed=find_proposed(leading[0].provider) if leading and not chase.ended_at else None,
            button=ActionButton(
                name=TRACE,
                label=_("Save trace"),
                url=incident_url(incident.pk, "admin:trace"),
                form=bound.get(TRACE) or trace_form(traces, host, now=now),
                why_not=refused,
            ),
            look_up=look_up_button(incident, bound, now) if not refused else None,
            suggested_at=None if TRACE in bound or suggested is None else suggested.at,
            hosts=[] if refused else hosts_in_words(),
            number_of_others=host.others,
            others=number_label(host.others) if host.others else "",
            host_url=incident_url(incident.pk, "admin:trace_host"),
        ),
    )


def find_proposed(provider: Recipient) -> Recipient | None:
    is_proposed = provider.email and provider.changed_by_id and not provider.is_verified
    return provider if (is_proposed or provider.proposed_email) and not provider.closed_on else None


def trace_row(trace: HostingTrace, consensus: TraceConsensus) -> TraceRow:
    return TraceRow(
        trace=trace,
        method=method_label(trace),
        place=place_label(trace.country, trace.provider),
        network=defang_text(trace.network),
        note=defang_text(trace.note),
        is_replaced=trace not in consensus.leading and trace not in consensus.others,
        is_other=trace in consensus.others,
    )


def method_label(trace: HostingTrace) -> str:
    return method_name(TraceMethod(trace.method))


def method_name(method: TraceMethod) -> str:
    return str(method.label)


def place_label(country: str, provider: Recipient) -> str:
    return f"{country_in_words(country)}, {defang_text(provider.name)}"


def place_of(chase: Chase) -> str:
    return place_label(chase.country, chase.provider) if chase.provider else ""


def trace_form(
    traces: Sequence[HostingTrace],
    host: HostSummary,
    *,
    now: datetime,
    values: Mapping[str, object] | None = None,
) -> Trace:
    """The trace form, prefilled with the place of the last trace, and with the lookup result `values`.

    Without a trace it offers the latest agreed hosting of another takedown of the host.
    """
    suggested = suggest_place(traces, host)
    place = {name: getattr(suggested, name) for name in ("country", "provider", "network")} if suggested else {}
    return bound_form(None, now=now, initial=place | dict(values or {}))


def bound_form(
    data: Mapping[str, object] | None, *, now: datetime, initial: Mapping[str, object] | None = None
) -> Trace:
    with_file = not networks.why_not(now=now)
    return Trace(data, auto_id=f"{TRACE}_%s", initial=dict(initial or {}), with_file=with_file)


def look_up_button(incident: Incident, bound: dict[str, ActionForm], now: datetime) -> ActionButton | None:
    """The lookup button, with the reason if the file cannot be used; None where no file is configured."""
    if not networks.is_set():
        return None
    return ActionButton(
        name=LOOK_UP,
        label=_("Look up in the network file"),
        url=f"{incident_url(incident.pk, 'admin:look_up_network')}#{TRACE}",
        form=bound.get(LOOK_UP) or LookUp(auto_id=f"{LOOK_UP}_%s"),
        why_not=networks.why_not(now=now),
    )


def known_hosts() -> list[tuple[str, str]]:
    """Name and country of the hosting providers in use."""
    hosts = Recipient.objects.in_use().filter(kind=RecipientKind.HOST).order_by(Lower("name"))
    return list(hosts.values_list("name", "country")[:MOST_OFFERED])


def hosts_in_words() -> list[tuple[str, str]]:
    """The known hosting providers: name, and country in words."""
    return [(name, country_in_words(country) if country else "") for name, country in known_hosts()]


def trace_entry(trace: HostingTrace) -> TimelineEntry:
    place = [
        country_in_words(trace.country),
        defang_text(trace.provider.name),
        defang_text(trace.network),
        defang_text(trace.note),
    ]
    details = [method_label(trace), *filter(None, place)]
    return TimelineEntry(at=trace.at, by=trace.by, title=_("traced"), details=details)


def timeline_entries(incident: Incident) -> Iterator[TimelineEntry]:
    traces = incident.traces.select_related("provider", "by").order_by("-at", "-recorded_at")
    yield from map(trace_entry, traces[:MOST_OF_A_KIND])
