"""Record a hosting trace."""

import ipaddress
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.incidents import contents
from analysts.incidents.contents import storing
from analysts.incidents.locking import lock_incident, record_act
from analysts.models import HostingTrace, Incident, Recipient, RecipientKind, TraceMethod, User
from analysts.models.recipient import ContactSource
from analysts.takedown.chase_lifecycle import update_agreed_hosting
from analysts.takedown.facts.trace_consensus import HostingPlace, trace_place
from analysts.takedown.next_steps.actions import refresh_next_step
from analysts.takedown.recipients.actions import find_or_create_recipient, propose_contact
from analysts.takedown.tracing.host_addresses import parse_host_address
from analysts.takedown.tracing.permissions import check_can_trace
from audit.actions import JSON
from audit.permissions import Denied
from reports.addresses import AddressKind, find_addresses

# Tolerance for workstation clocks that run fast.
AHEAD = timedelta(minutes=5)
# Sightings are stored to the hour, and a trace may be made before the report was taken in.
BEFORE_SIGHTING = timedelta(days=1)
HOST_ADDRESS_FAULT = _("Enter one public IPv4 or IPv6 address: that of the host, such as 192.0.2.7.")


@transaction.atomic
def trace(
    *,
    by: User,
    incident: Incident,
    method: TraceMethod,
    country: str,
    provider: str,
    network: str = "",
    ip: str = "",
    note: str = "",
    contact: str = "",
    contact_source: str = "",
    at: datetime,
    source: uuid.UUID | None = None,
    now: datetime | None = None,
) -> HostingTrace:
    """Record one trace, and update the chase's agreed hosting.

    Args:
        country: ISO 3166-1 alpha-2.
        provider: the provider's name; an unknown one becomes a new, unverified recipient.
        ip: the IP address of the host at that time, which is kept sealed; "" if it is not known.
        contact: the provider's e-mail address for abuse, proposed if it has none; `contact_source`: a ContactSource.
        source: the id of the batch's incident whose result contained the trace.

    Raises:
        Denied: `by` may not trace, `at` is out of range, `ip` is no host's, or another text contains an address.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    typed = TypedTrace(country, provider, network, note, at, ip, contact, contact_source)
    [traced] = _save_traces(incident, [method], typed, source=source, by=by, now=now)
    details: dict[str, JSON] = {"method": str(method), "country": country, "provider": str(traced.provider_id)}
    record_act("trace", incident, by=by, now=now, details=details)
    return traced


@transaction.atomic
def trace_by_methods(
    *,
    by: User,
    incident: Incident,
    methods: Collection[TraceMethod],
    country: str,
    provider: str,
    network: str = "",
    ip: str = "",
    note: str = "",
    contact: str = "",
    contact_source: str = "",
    at: datetime,
    now: datetime | None = None,
) -> list[HostingTrace]:
    """Record one trace for each method, which all name the same place. Arguments and refusals as for `trace`."""
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    if not methods:
        raise Denied(_("Choose at least one method."))
    typed = TypedTrace(country, provider, network, note, at, ip, contact, contact_source)
    traced = _save_traces(incident, methods, typed, source=None, by=by, now=now)
    details: dict[str, JSON] = {
        "methods": [trace.method for trace in traced],
        "country": country,
        "provider": str(traced[0].provider_id),
    }
    record_act("trace", incident, by=by, now=now, details=details)
    return traced


@dataclass(frozen=True, slots=True, repr=False)
class TypedTrace:
    """Where content is hosted, as an analyst or the workstation says. `country`: ISO 3166-1 alpha-2."""

    country: str
    provider: str
    network: str
    note: str
    at: datetime
    ip: str = ""
    contact: str = ""
    contact_source: str = ""


def check_trace(by: User, incident: Incident, typed: TypedTrace, now: datetime) -> None:
    """Raise Denied if this cannot be recorded for the incident."""
    check_can_trace(by, incident)
    if typed.at > now + AHEAD:
        raise Denied(_("This time is in the future."))
    if typed.at < incident.first_sighted - BEFORE_SIGHTING:
        raise Denied(_("This time is before the first report."))
    check_names_nothing(incident, provider=typed.provider, network=typed.network, note=typed.note)
    if name_tells_an_address(typed.contact.rpartition("@")[2], incident):
        raise Denied(_("This contact is at the reported site. Enter that of the hosting provider."))
    try:
        parse_host_address(typed.ip)
    except ValueError:
        raise Denied(HOST_ADDRESS_FAULT) from None


def build_traces(
    incident: Incident,
    methods: Collection[TraceMethod],
    typed: TypedTrace,
    provider: Recipient,
    by: User,
    *,
    now: datetime,
    source: uuid.UUID | None = None,
) -> list[HostingTrace]:
    """Unsaved traces, one for each method. `provider`: the recipient that `typed` names, saved or not."""
    return [
        HostingTrace(
            incident=incident,
            method=method,
            country=typed.country,
            provider=provider,
            network=typed.network,
            note=typed.note,
            at=min(typed.at, now),
            recorded_at=now,
            by=by,
            source=source,
        )
        for method in methods
    ]


def _save_traces(
    incident: Incident,
    methods: Collection[TraceMethod],
    typed: TypedTrace,
    *,
    source: uuid.UUID | None,
    by: User,
    now: datetime,
) -> list[HostingTrace]:
    """Create the traces, and derive the agreed hosting and the next step once."""
    check_trace(by, incident, typed, now)
    provider = find_or_create_recipient(kind=RecipientKind.HOST, name=typed.provider)
    traced = build_traces(incident, methods, typed, provider, by, now=now, source=source)
    if address := parse_host_address(typed.ip):
        for row in traced:
            storing.seal_copy(row, address, now=now)
    HostingTrace.objects.bulk_create(traced)
    if typed.contact:
        source_label = ContactSource(typed.contact_source).label
        propose_contact(provider, email=typed.contact, source=f"{source_label}, {typed.at:%Y-%m-%d}", by=by, now=now)
    chase = update_agreed_hosting(incident, now=now)
    if not chase.has_moved and HostingPlace(chase.country, chase.provider_id, chase.network).is_same(
        trace_place(traced[0])
    ):
        # The same result again, after a recipient said that it is not with them.
        incident.referrals.filter(denied_at__lte=now, retraced_at=None).update(retraced_at=now)
    refresh_next_step(incident, now=now)
    return traced


def check_names_nothing(incident: Incident, *, provider: str, network: str, note: str) -> None:
    """Refuse texts with an address: they are stored unsealed. A provider's name may be a host name of its own."""
    if find_addresses(note) or names_network_address(note):
        raise Denied(_("The note contains an address. Describe the method without any address."))
    if find_addresses(network) or names_network_address(network):
        raise Denied(_("Enter the network’s number and name, such as AS64496 Example Net, without any address."))
    if name_tells_an_address(provider, incident):
        raise Denied(_("This is the reported site or an address. Enter the name of the provider."))


def name_tells_an_address(name: str, incident: Incident) -> bool:
    """Whether the name contains the reported host, or more of any address than its host."""
    reported = contents.compare_address(incident)
    hosts = {address.host for address in find_addresses(reported.normalised)} if reported else set()
    for address in find_addresses(name):
        bare = address.reported.rpartition("://")[2].removesuffix("/")
        if address.kind != AddressKind.WEB or set(bare) & set("/?#:@") or address.host in hosts:
            return True
    return names_network_address(name)


def names_network_address(text: str) -> bool:
    """Whether a word of the text is an IP address or prefix, such as `2001:db8::7`."""
    for word in text.split():
        try:
            ipaddress.ip_interface(word.strip(".,;:()[]<>\"'"))
        except ValueError:
            continue
        return True
    return False
