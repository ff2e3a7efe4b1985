"""From sealed envelopes to incidents in the queue. Runs on the staff side about once a minute.

One transaction takes in what waits of one receipt and deletes its arrivals: killed at any point and run again, nothing
is lost or doubled. Receipts are taken in random order, so that rows do not tell the order of arrival.
No audit event and no time finer than the hour is written, but that an operator's test report came in.
"""

import hmac
import logging
import secrets
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache, partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from analysts import actions, alarm, contents, danger, floods, shapes
from analysts.codes import Closing, Fact, Verdict
from analysts.models import Assessment, Incident, IncidentKind, Report, Sighting
from analysts.models.incident import LOWEST
from analysts.priority import priority
from analysts.states import State
from countries import lifecycle
from countries.lifecycle import TEST_SITE
from reports import keys, sealing
from reports.addresses import Address, find_addresses
from reports.models import Arrival, KeyClass, KeyState, Submission, SubmissionKind

logger = logging.getLogger(__name__)

# Of so many arrivals a run chooses its receipts by chance, so that some that cannot be taken in starve no others.
MOST_CONSIDERED = 20_000
# More addresses than this in one receipt go to the queue as one incident of words: one post must not hold up the rest.
MOST_INCIDENTS = 100
# So many envelopes of one receipt are opened at a time, for the same reason.
MOST_ENVELOPES = 100
# So many reports say all there is to say about one incident.
MOST_REPORTS = 50

# The flood that a new incident with this shape and site belongs to, b"" for none.
type FloodOf = Callable[[bytes, bytes], bytes]

# What the public form offers as ticks; anything else in a payload is not taken over.
TICKS = frozenset(Fact.values) - {Fact.UNREADABLE, Fact.MANY_ADDRESSES}


def take_in(*, limit: int = 500, now: datetime | None = None) -> int:
    """Take in what waits, at most `limit` receipts; returns how many receipts were taken in.

    An envelope whose key is not in this keyring stays waiting (health shows it); one that cannot be opened with its
    key reaches the queue as words that nobody can read.
    """
    now = now or timezone.now()
    arrived = Arrival.objects.values_list("submission__receipt_id", flat=True)[:MOST_CONSIDERED]
    receipts = list(set(arrived))
    waiting = secrets.SystemRandom().sample(receipts, min(limit, len(receipts)))
    return sum(_take_in_receipt(receipt_id, now=now) for receipt_id in waiting)


def _take_in_receipt(receipt_id: uuid.UUID, *, now: datetime) -> bool:
    try:
        with transaction.atomic():
            arrivals = list(
                Arrival.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(submission__receipt_id=receipt_id)
                .select_related("submission")
                # The report itself first: by chance its kind is the last in the alphabet.
                .order_by("-submission__kind")[:MOST_ENVELOPES]
            )
            if not arrivals:
                return False
            _take_in_envelopes([arrival.submission for arrival in arrivals], now=now)
            Arrival.objects.filter(pk__in=[arrival.pk for arrival in arrivals]).delete()
    except keys.KeyMissing:
        logger.error("key missing", extra={"fact": "an envelope waits for a key that is not in the keyring"})
        return False
    except Exception:
        # One envelope must not hold up all others; it stays waiting and the dashboard counts it.
        logger.exception("intake failed", extra={"fact": "an envelope could not be taken in and stays waiting"})
        return False
    return True


def _take_in_envelopes(submissions: list[Submission], *, now: datetime) -> None:
    """Everything new of one receipt, the report itself first."""
    # Incidents before their reports, as verbs lock them, so that intake and an analyst never wait for each other.
    list(Incident.objects.select_for_update().filter(sightings__report=submissions[0].receipt_id).order_by("pk"))
    report, is_new_report = _report_of(submissions)
    known_before = report.sightings.exists()
    addresses: list[Address] = []
    texts: list[str] = []
    known_facts, facts = set(report.facts), set(report.facts)
    for submission in sorted(submissions, key=lambda submission: submission.kind != SubmissionKind.REPORT):
        try:
            payload = contents.payload(submission)
        except sealing.Unreadable:
            facts.add(Fact.UNREADABLE)
            continue
        facts |= _ticked(payload)
        addresses += _named(submission.kind, payload)
        if submission.kind == SubmissionKind.REPORT:
            texts.append(str(payload.get("addresses", "")))
    hosts = {address.host for address in addresses}
    addresses = list({address.key: address for address in addresses}.values())
    room = max(0, MOST_INCIDENTS - report.sightings.count())
    if too_many := len(addresses) > room:
        addresses = addresses[:room]
        facts.add(Fact.MANY_ADDRESSES)
    report.facts = sorted(facts)
    report.unpublished = True
    report.save(update_fields=["facts", "unpublished", "received_hour"])

    flood_of = cache(partial(floods.flood_of, report))
    new = {
        incident.pk
        for address in addresses
        if _sight(incident := _incident_of_address(address, report, flood_of, now=now), report)
    }
    if too_many or not report.sightings.exists():
        incident = _incident_of_words(report, texts, flood_of)
        if _sight(incident, report):
            new.add(incident.pk)
    # More words about what is closed: somebody must read them.
    unread = known_before and not new and not report.sightings.exclude(incident__state=State.CLOSED).exists()
    # Said for the first time: what an analyst has considered already is not raised again by a later answer.
    danger_told = Fact.CHILD_IN_DANGER in facts - known_facts
    raised = False
    for sighting in report.sightings.select_related("incident"):
        incident = sighting.incident
        is_new = incident.pk in new
        in_danger = danger_told or (is_new and Fact.CHILD_IN_DANGER in facts)
        look_again = unread or (is_new and _may_be_back(incident, report))
        # One of several is enough to bring the words before somebody.
        unread = False
        raised |= _weigh(incident, report, in_danger=in_danger, look_again=look_again, now=now)
    if danger_told and raised:
        danger.announce()
    if is_new_report:
        alarm.count(report)
    # Last, as it writes on the audit record. The incident itself is like any other.
    if any(host.endswith(TEST_SITE) for host in hosts) and f"{report.portal.test_code}{TEST_SITE}" in hosts:
        lifecycle.note_test_report(report.portal_id, now=now)


def _report_of(submissions: list[Submission]) -> tuple[Report, bool]:
    """The report of the receipt and whether it is new: portal and language of its report, the earliest hour."""
    first = min(submissions, key=lambda each: (each.kind != SubmissionKind.REPORT, each.received_hour))
    report, created = Report.objects.select_for_update(of=("self",)).get_or_create(
        receipt_id=first.receipt_id,
        defaults={
            "portal_id": first.portal_id,
            "language": first.language,
            "received_hour": first.received_hour,
        },
    )
    report.received_hour = min(report.received_hour, *(each.received_hour for each in submissions))
    return report, created


def _ticked(payload: dict[str, Any]) -> set[str]:
    ticked = payload.get("facts", [])
    return {tick for tick in ticked if tick in TICKS} if isinstance(ticked, list) else set()


def _named(kind: str, payload: dict[str, Any]) -> list[Address]:
    """The addresses an envelope names.

    A report is nothing but addresses, so everything in it that may be one is taken. Details and answers are prose
    ("I found it through example.com"), so there only what points at a page, not at a whole site, is.
    """
    if kind == SubmissionKind.REPORT:
        return find_addresses(str(payload.get("addresses", "")))
    prose = f"{payload.get('description', '')}\n{payload.get('answer', '')}"
    return [address for address in find_addresses(prose) if "/" in address.reported]


def _fingerprint(label: str, text: str) -> bytes:
    return hmac.digest(keys.fingerprint_key(), f"{label}|{text}".encode("utf-8", "surrogatepass"), "sha256")


def _incident_of_address(address: Address, report: Report, flood_of: FloodOf, *, now: datetime) -> Incident:
    fingerprint = _fingerprint("address", address.key)
    known = (
        Incident.objects.select_for_update(of=("self",)).select_related("key").filter(fingerprint=fingerprint).first()
    )
    if known is not None:
        _keep_address(known, address, now=now)
        return known
    incident_id = uuid.uuid4()
    site = _fingerprint("site", address.site) if address.site else b""
    shape = _fingerprint("shape", f"{report.portal_id}|{shapes.shape_of_address(address)}")
    key, sealed_address = _sealed(address.normalised, address.reported, incident_id, now=now)
    incident, _ = Incident.objects.get_or_create(
        fingerprint=fingerprint,
        defaults={
            "id": incident_id,
            "kind": IncidentKind.ADDRESS,
            "address_kind": address.kind,
            "site_fingerprint": site,
            "key_id": key,
            "sealed_address": sealed_address,
            **_first_seen(report),
            **_placed(shape, flood_of(shape, site)),
        },
    )
    return incident


def _sealed(normalised: str, reported: str, incident_id: uuid.UUID, *, now: datetime) -> tuple[str, bytes]:
    """An incident's address as it is stored: the key's id and the sealed bytes.

    Under the key of now, not of the report: that one may be closed after a long pause.
    """
    key = keys.public_key(now, KeyClass.ADDRESSES)
    content = {"normalised": normalised, "reported": reported}
    return key.id, sealing.seal(content, to=key, info=contents.address_info(incident_id))


def _keep_address(incident: Incident, address: Address, *, now: datetime) -> None:
    """An address that is reported again is readable again, and its key's end does not take it away.

    Where it is readable still, but under a key that is going, it is sealed anew at once: a destruction under way beside
    this transaction then finds it gone from that key.
    """
    if incident.key is None or incident.key.state == KeyState.OPEN:
        return
    kept = contents.address(incident) or address
    incident.key_id, incident.sealed_address = _sealed(kept.normalised, kept.reported, incident.pk, now=now)
    incident.save(update_fields=["key", "sealed_address"])


def _incident_of_words(report: Report, texts: list[str], flood_of: FloodOf) -> Incident:
    """The incident of a report that names no address; found again by the receipt, so that a second run finds it.

    `texts`: what was read of its words; what could not be read is like nothing else.
    """
    fingerprint = _fingerprint("words", str(report.receipt_id))
    known = Incident.objects.filter(fingerprint=fingerprint).first()
    if known is not None:
        return known
    words = shapes.shape_of_words("\n".join(texts))
    shape = _fingerprint("shape", f"{report.portal_id}||{words}") if texts else b""
    incident, _ = Incident.objects.get_or_create(
        fingerprint=fingerprint,
        defaults={"kind": IncidentKind.WORDS, **_first_seen(report), **_placed(shape, flood_of(shape, b""))},
    )
    return incident


def _placed(shape: bytes, flood: bytes) -> dict[str, bytes | int]:
    return {"shape": shape, "flood": flood, "priority": LOWEST if flood else LOWEST + 1}


def _first_seen(report: Report) -> dict[str, datetime]:
    hour = report.received_hour
    return {"first_sighted": hour, "last_sighted": hour, "waiting_since": hour}


def _sight(incident: Incident, report: Report) -> bool:
    """Note that the report names the incident; False where that was known."""
    _, created = Sighting.objects.get_or_create(
        incident=incident, report=report, defaults={"portal_id": report.portal_id}
    )
    return created


def _weigh(incident: Incident, report: Report, *, in_danger: bool, look_again: bool, now: datetime) -> bool:
    """Set priority from everything known; put a decided incident back where the new report asks for another look.

    Returns whether the mail about danger is to tell of it. Of a flood only the first few come to the top, lest a tick
    push all of it up; the tick is kept for every one, and the first that waits within the flood is told of as well.
    """
    incident.last_sighted = max(incident.last_sighted, report.received_hour)
    if in_danger and incident.flood and floods.is_believed(incident):
        incident.flood = b""
    stays_in = bytes(incident.flood) if in_danger else b""
    is_news = in_danger and not (stays_in and floods.tells_of_danger(stays_in))
    if in_danger or look_again:
        incident.child_in_danger = incident.child_in_danger or in_danger
        if incident.state not in (State.WAITING, State.CLAIMED):
            actions.put_back(incident, now=now)
            # What was put back would come to the top for the tick.
            incident.flood = stays_in
    if incident.state in (State.WAITING, State.CLAIMED):
        facts = {fact for facts in _facts_of(incident) for fact in facts} | {*report.facts, *incident.priority_reasons}
        incident.priority, incident.priority_reasons = priority(
            facts=facts if incident.child_in_danger else facts - {Fact.CHILD_IN_DANGER},
            address_kind=incident.address_kind,
            reports=incident.sightings.all()[:2].count(),
            known_site=_known_site(incident),
            reopened=incident.round > 1,
            alike=bool(incident.flood),
        )
    incident.save(update_fields=["last_sighted", "child_in_danger", "priority", "priority_reasons", "flood"])
    return is_news


def _facts_of(incident: Incident) -> Iterable[list[str]]:
    """What was ticked in some reports: the cost of one more must not grow with those there are.

    Beyond MOST_REPORTS the caller has what the latest one says, and by its reasons what raised the priority before.
    """
    some = incident.sightings.order_by().values("report_id")[:MOST_REPORTS]
    return Report.objects.filter(pk__in=some).exclude(facts=[]).values_list("facts", flat=True)


def _may_be_back(incident: Incident, report: Report) -> bool:
    """Whether a report received after the decision says that something is there which was not there then."""
    if (
        incident.state != State.CLOSED
        or incident.closed_on is None
        or report.received_hour.date() <= incident.closed_on
    ):
        return False
    latest = incident.assessments.standing().first()
    return incident.closing == Closing.GONE or (latest is not None and latest.verdict == Verdict.NOT_ASSESSED)


def _known_site(incident: Incident) -> bool:
    if not incident.site_fingerprint:
        return False
    return (
        Assessment.objects.filter(incident__site_fingerprint=incident.site_fingerprint, verdict=Verdict.ILLEGAL)
        .exclude(incident=incident)
        .exists()
    )
