"""The verb by which somebody says where something is hosted, and how they know."""

import ipaddress
import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.incidents import contents
from analysts.incidents.locking import lock_incident, record_act
from analysts.models import HostingTrace, Incident, RecipientKind, TraceMethod, User
from analysts.takedown.chase_lifecycle import update_agreed_hosting
from analysts.takedown.recipients.actions import find_or_create_recipient
from analysts.takedown.tracing.permissions import check_can_trace
from audit.actions import JSON
from audit.permissions import Denied
from reports.addresses import AddressKind, find_addresses

# Clocks of workstations differ.
AHEAD = timedelta(minutes=5)
# Sightings know their hour only; whoever traced before the report was taken in is not refused for it.
BEFORE_SIGHTING = timedelta(days=1)


@transaction.atomic
def trace(
    *,
    by: User,
    incident: Incident,
    method: TraceMethod,
    country: str,
    provider: str,
    network: str = "",
    note: str = "",
    at: datetime,
    source: uuid.UUID | None = None,
    now: datetime | None = None,
) -> HostingTrace:
    """Keep one trace, and settle where the incident is hosted as soon as three methods agree.

    `country`: ISO 3166-1 alpha-2. `provider`: a name; a host that is not known yet is made, unverified. `source`: the
    answer of the workstation that brought it.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    check_can_trace(by, incident)
    if at > now + AHEAD:
        raise Denied(_("This moment lies in the future."))
    if at < incident.first_sighted - BEFORE_SIGHTING:
        raise Denied(_("This was before anybody reported it."))
    check_names_nothing(incident, provider=provider, network=network, note=note)
    traced = HostingTrace.objects.create(
        incident=incident,
        method=method,
        country=country,
        provider=find_or_create_recipient(kind=RecipientKind.HOST, name=provider),
        network=network,
        note=note,
        at=min(at, now),
        recorded_at=now,
        by=by,
        source=source,
    )
    update_agreed_hosting(incident, now=now)
    details: dict[str, JSON] = {"method": str(method), "country": country, "provider": str(traced.provider_id)}
    record_act("trace", incident, by=by, now=now, details=details)
    return traced


def check_names_nothing(incident: Incident, *, provider: str, network: str, note: str) -> None:
    """These are kept in clear: a provider may be called like its host, and nothing more may be told by them."""
    if find_addresses(note) or names_network_address(note):
        raise Denied(_("The note names an address. Say how it was found out, and no address."))
    if find_addresses(network) or names_network_address(network):
        raise Denied(_("Write the network’s number and name, such as AS64496 Example Net, and no address."))
    if name_tells_an_address(provider, incident):
        raise Denied(_("This names what was reported, or an address. Name the provider."))


def name_tells_an_address(name: str, incident: Incident) -> bool:
    """Whether a recipient of that name would tell the reported host, or more than the host of another address."""
    reported = contents.unseal_address(incident)
    own = {found.host for found in find_addresses(reported.normalised)} if reported else set()
    for found in find_addresses(name):
        bare = found.reported.rpartition("://")[2].removesuffix("/")
        if found.kind != AddressKind.WEB or set(bare) & set("/?#:@") or found.host in own:
            return True
    return names_network_address(name)


def names_network_address(text: str) -> bool:
    """Whether a word of the text is an address of a network, bare as no reporter writes it: `2001:db8::7`."""
    for word in text.split():
        try:
            ipaddress.ip_interface(word.strip(".,;:()[]<>\"'"))
        except ValueError:
            continue
        return True
    return False
