"""Hundreds of thousands of open chases: incidents with sealed addresses, verdicts, notified recipients.

Realistic: a few hosts have a great part of everything (the k-th of them 1/k of the first); two of five have a site
owner, one of five a registrar; some wait for a trace or a route, some have moved, most were notified within the last
ten days; each incident has earlier chases that ended. Not realistic: no report names them, and all addresses are alike.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched

from django.db import connection
from django.db.models import Model

from analysts.codes.recipient_kinds import ReferralKind
from analysts.incidents.contents import storing
from analysts.incidents.contents.plaintexts import OpenAddress
from analysts.models import Assessment, Chase, Incident, IncidentKind, Recipient, RecipientKind, Referral, User
from analysts.states import State
from analysts.takedown.next_steps.actions import refresh_next_steps
from countries.models import Portal
from reports.addresses import AddressKind
from reports.models import the_hour

AT_ONCE = 5_000
DAYS = 10
ADDRESS = "https://images.example.org/gallery/{id}/placeholder.html?page=2"
# Earlier rounds of each incident, which ended.
ENDED = 4


@dataclass(frozen=True, slots=True)
class Offices:
    hosts: list[Recipient]
    owners: list[Recipient]
    registrars: list[Recipient]


def create_recipients(number: int, by: User, *, now: datetime) -> Offices:
    """Create recipients: seven of ten are hosts, one of ten registrars."""

    def made(kind: RecipientKind, share: float) -> list[Recipient]:
        rows = [
            Recipient(
                kind=kind,
                name=f"Example {kind.label} {each}",
                email="abuse@example.org",
                verified_by=by,
                verified_on=now.date(),
            )
            for each in range(max(1, int(number * share)))
        ]
        for row in rows:
            row.mark_verified()
        return Recipient.objects.bulk_create(rows)

    kinds = (RecipientKind.HOST, 0.7), (RecipientKind.OWNER, 0.2), (RecipientKind.REGISTRAR, 0.1)
    return Offices(*(made(kind, share) for kind, share in kinds))


def fill_chases(number: int, known: Offices, portals: Sequence[Portal], by: User, *, now: datetime) -> None:
    """Create `number` chases; none is due before `now`, and all notices' reminders are due a day later."""
    # The same at each run.
    chance = random.Random(6)
    for some in batched(range(number), AT_ONCE):
        incidents = [_build_incident(each, portals, chance, now=now) for each in some]
        verdicts = [_build_verdict(incident, by, chance, now=now) for incident in incidents]
        chases = [_build_chase(verdict, known, chance, now=now) for verdict in verdicts]
        referrals = [
            referral
            for pair in zip(verdicts, chases, strict=True)
            for referral in _build_referrals(*pair, known, chance)
        ]
        for model, rows in ((Incident, incidents), (Assessment, verdicts), (Chase, chases), (Referral, referrals)):
            _save_rows(model, rows)
        refresh_next_steps([incident.pk for incident in incidents], now=now)
    _insert_ended_chases()


def _save_rows(model: type[Model], rows: Sequence[Model]) -> None:
    model._default_manager.bulk_create(rows, batch_size=1_000)


def _build_incident(number: int, portals: Sequence[Portal], chance: random.Random, *, now: datetime) -> Incident:
    incident = Incident(
        kind=IncidentKind.ADDRESS,
        address_kind=AddressKind.WEB,
        fingerprint=number.to_bytes(32),
        site_fingerprint=(number % 997).to_bytes(32),
        portals=[chance.choice(portals).pk],
        state=State.ACTING,
        severity="C",
        first_sighted=the_hour(now),
        last_sighted=the_hour(now),
        waiting_since=the_hour(now),
    )
    address = ADDRESS.format(id=incident.pk)
    storing.set_address(incident, OpenAddress(address, address), now=now)
    return incident


def _build_verdict(incident: Incident, by: User, chance: random.Random, *, now: datetime) -> Assessment:
    at = now - timedelta(hours=24 * chance.uniform(1, DAYS))
    return Assessment(incident=incident, by=by, at=at, verdict="illegal", severity="C", age_band="11-13", sex="girls")


def _build_chase(verdict: Assessment, known: Offices, chance: random.Random, *, now: datetime) -> Chase:
    chase = Chase(incident=verdict.incident, round=ENDED + 1, since=verdict.at, due_at=now)
    if (waits := chance.random()) < 0.02:
        return chase
    host = known.hosts[_random_rank(len(known.hosts), chance)]
    chase.country, chase.provider, chase.trace, chase.traced_at = "NL", host, 1, verdict.at
    if waits < 0.04:
        return chase
    chase.routed_trace, chase.noticed_at = 1, verdict.at + timedelta(hours=1)
    if waits < 0.045:
        chase.trace = 2
    chase.checked_at = now - timedelta(hours=chance.uniform(0, 30))
    # The last interval has passed; the next one ends within a day.
    chase.interval = max(0, (now - chase.noticed_at) // timedelta(days=1))
    chase.due_at = chase.noticed_at + (chase.interval + 1) * timedelta(days=1)
    return chase


def _random_rank(number: int, chance: random.Random) -> int:
    """A random rank, the k-th with about 1/k of the probability of the first (uniform in the logarithm)."""
    return min(number - 1, int(number ** chance.random()) - 1)


def _build_referrals(verdict: Assessment, chase: Chase, known: Offices, chance: random.Random) -> Iterator[Referral]:
    if chase.noticed_at is None or chase.provider is None:
        return
    recipients = [chase.provider]
    if chance.random() < 0.4:
        recipients.append(chance.choice(known.owners))
    if chance.random() < 0.2:
        recipients.append(chance.choice(known.registrars))
    for to in recipients:
        yield Referral(
            incident=verdict.incident,
            assessment=verdict,
            kind=ReferralKind.TAKEDOWN,
            recipient=to.name,
            to=to,
            by=verdict.by,
            at=verdict.at,
            noticed_at=chase.noticed_at,
        )


def _insert_ended_chases() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO analysts_chase (id, incident_id, round, since, country, provider_id, network, traced_at,"
            " trace, routed_trace, noticed_at, interval, removed_in_a_row, removed_at, checked_at, ended_at)"
            " SELECT gen_random_uuid(), incident_id, earlier, since - earlier * interval '30 days', country,"
            " provider_id, '', traced_at, trace, routed_trace, noticed_at, 3, 3, since, since, since"
            " FROM analysts_chase, generate_series(1, %s) AS earlier WHERE trace > 0",
            [ENDED],
        )


def vacuum_database() -> None:
    """Vacuum and analyse, as autovacuum would have done. Not possible inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")
