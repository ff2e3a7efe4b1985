"""Intake: turns sealed envelopes into incidents in the queue. A worker of its own runs it (`worker.py`).

One transaction takes in the waiting envelopes of one receipt and deletes their arrivals, so an interrupted run can be
repeated without loss or duplicates. Receipts are taken in random order, so that rows do not reveal the order of
arrival; expedited ones do not wait behind a flood. Intake orders no job and stores no time finer than the hour. It
writes no audit event, except for a test report.
"""

import secrets
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import cache, partial
from itertools import accumulate

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import OuterRef, Prefetch, Subquery
from django.db.models.functions import Length
from django.utils import timezone

from analysts.accounts.alarms import raise_alarm
from analysts.assessment import actions
from analysts.assessment.flood import folding as floods
from analysts.assessment.intake.envelope_reading import ReceiptContents, note_answered, open_envelopes
from analysts.assessment.intake.failures import IntakeFailures
from analysts.assessment.intake.incident_matching import (
    FloodOf,
    IncidentMatch,
    account_index,
    address_index,
    extend_pattern,
    lock_incidents,
    place_of_account,
    place_of_address,
    place_of_words,
    waiting_hour,
    words_index,
)
from analysts.assessment.intake.prioritising import set_priority
from analysts.assessment.intake.reopening import is_account, is_answered, may_reopen_at, wait_for_next_round
from analysts.assessment.intake.report_rows import (
    insert_report,
    record_sightings,
    report_of_envelopes,
    supplement_report,
)
from analysts.assessment.publishing import EVIDENCE, facts_of
from analysts.codes import Closing, Fact
from analysts.incidents import volume_alert
from analysts.models import AlarmKind, Incident, Report, Sighting
from analysts.states import State
from countries.staff.workspace import lifecycle
from countries.staff.workspace.lifecycle import TEST_SITE
from reports import keys
from reports.models import Arrival, SourceItem, Submission, the_hour
from reports.outcomes import public_state
from reports.report_text import MOST_ITEMS

# A run takes in at most this many receipts, so that an expedited one waits for no more.
MOST_TAKEN = 200
# It picks them at random from this many arrivals, so that failing ones do not starve the others.
MOST_CONSIDERED = 20_000
# At most this many envelopes of one receipt, and this many bytes of them, are opened at a time, for the same reason and
# so that the worker's memory suffices. One envelope is always opened.
MOST_ENVELOPES = 100
MOST_BYTES = 4 * 1024 * 1024
# PostgreSQL's classes of errors: connection exception, operator intervention.
LOST_CONNECTION = ("08", "57P")
# For lines of the log.
KEY_MISSING = {"fact": "an envelope waits for a key that is not in the keyring"}
NOT_TAKEN_IN = {"fact": "an envelope could not be taken in and stays waiting"}


def take_in(
    *,
    limit: int = MOST_TAKEN,
    failures: IntakeFailures | None = None,
    may_go_on: Callable[[], bool] = lambda: True,
    now: datetime | None = None,
) -> int:
    """Take in at most `limit` waiting receipts, up to half of them expedited ones; returns how many were taken in.

    An envelope whose key is missing from this keyring keeps waiting (the health page shows it). One that its key cannot
    open reaches the queue as unreadable words.

    Args:
        failures: notes what could not be taken in, and leaves out its receipts; logged at the end if it is not given.
        may_go_on: asked before each receipt.

    Raises:
        OperationalError, InterfaceError: the connection to the database is lost.
    """
    now = now or timezone.now()
    notes = IntakeFailures() if failures is None else failures
    with transaction.atomic():
        floods.unfold_illegal_sites()
    taken = 0
    for receipt_id in _choose_receipts(limit, notes.receipts):
        if not may_go_on():
            break
        taken += _take_in_receipt(receipt_id, notes, now=now)
    if failures is None:
        notes.log()
    return taken


def _choose_receipts(limit: int, left_out: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Up to `limit` waiting receipts in random order. Expedited ones fill at most half of a run while others wait, so
    that neither a flood nor a flood of expedited ones holds up the rest."""
    chance = secrets.SystemRandom()
    expedited = _waiting_receipts(is_expedited=True) - {*left_out}
    others = _waiting_receipts(is_expedited=False) - expedited - {*left_out}
    chosen = chance.sample([*expedited], min(limit // 2, len(expedited)))
    chosen += chance.sample([*others], min(limit - len(chosen), len(others)))
    rest = [*expedited.difference(chosen)]
    chosen += chance.sample(rest, min(limit - len(chosen), len(rest)))
    chance.shuffle(chosen)
    return chosen


def _waiting_receipts(*, is_expedited: bool) -> set[uuid.UUID]:
    # A subquery, because a join may be planned as reading all envelopes ever sent.
    receipt = Submission.objects.filter(pk=OuterRef("pk")).values("receipt")
    arrivals = Arrival.objects.filter(is_expedited=is_expedited)
    return set(arrivals.values_list(Subquery(receipt), flat=True)[:MOST_CONSIDERED])


def _take_in_receipt(receipt_id: uuid.UUID, failures: IntakeFailures, *, now: datetime) -> bool:
    try:
        try:
            return _take_in_arrivals(receipt_id, now=now)
        except IntegrityError:
            # Another transaction stored an incident of the same address meanwhile: this time it is found.
            return _take_in_arrivals(receipt_id, now=now)
    except keys.KeyMissing as error:
        failures.note(receipt_id, KEY_MISSING, error)
        return False
    except Exception as error:
        if _is_lost_connection(error):
            raise
        # One envelope must not hold up the others; it keeps waiting and the dashboard counts it.
        failures.note(receipt_id, NOT_TAKEN_IN, error)
        return False


def _is_lost_connection(error: Exception) -> bool:
    """Whether no report is to blame: the server ended the connection, or does not answer. Django may have a new one."""
    state = getattr(error.__cause__, "sqlstate", None)
    return isinstance(error, OperationalError | InterfaceError) and (state is None or state.startswith(LOST_CONNECTION))


@transaction.atomic
def _take_in_arrivals(receipt_id: uuid.UUID, *, now: datetime) -> bool:
    arrivals = list(
        Arrival.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(submission__receipt_id=receipt_id)
        .annotate(size=Length("submission__sealed"))
        # The report itself first: its kind sorts last alphabetically.
        .order_by("-submission__kind")[:MOST_ENVELOPES]
    )
    if not arrivals:
        return False
    sizes = accumulate(arrival.size for arrival in arrivals)
    opened = [arrival.pk for arrival, size in zip(arrivals, sizes, strict=True) if size <= MOST_BYTES]
    opened = opened or [arrivals[0].pk]
    source = SourceItem.objects.filter(receipt=OuterRef("receipt")).values("source")
    submissions = Submission.objects.filter(pk__in=opened).annotate(of_source=Subquery(source))
    _take_in_envelopes(list(submissions.order_by("-kind")), now=now)
    Arrival.objects.filter(pk__in=opened).delete()
    return True


def _take_in_envelopes(submissions: list[Submission], *, now: datetime) -> None:
    """Take in the new envelopes of one receipt, the report itself first."""
    receipt = open_envelopes(submissions)
    hosts = {address.host for variants in receipt.spellings.values() for address in variants}
    receipt.cut_items(MOST_ITEMS)
    report = report_of_envelopes(submissions, receipt)
    # Most reports are new: nothing of theirs is asked.
    sightings: dict[uuid.UUID, Sighting] = {}
    is_new_report = insert_report(report)
    if not is_new_report:
        report, sightings = supplement_report(report, receipt, MOST_ITEMS)
    is_first = not sightings
    for message in receipt.answers:
        note_answered(report, message, now=now)

    flood_of = cache(partial(floods.flood_of, report))
    places = _match_incidents(report, receipt, flood_of, is_first=is_first, now=now)
    new = record_sightings(report, receipt.referrer, places, sightings, now=now)
    # Details may name an address long after the report.
    latest_hour = max(submission.received_hour for submission in submissions)
    # New text for a receipt whose incidents are all closed: one is reopened so that an analyst reads it.
    is_unread = not (is_first or new or any(row.incident.state != State.CLOSED for row in sightings.values()))
    # The report also has a sighting of the incident that a merged one was merged into.
    unmerged = [sighting for sighting in sightings.values() if sighting.incident.closing != Closing.MERGED]
    is_danger = _update_incidents(report, receipt, new, unmerged, latest_hour, flood_of, is_unread=is_unread, now=now)
    Sighting.objects.bulk_create(sightings[pk] for pk, place in new.items() if place.is_new)
    if is_danger:
        raise_alarm(AlarmKind.DANGER, at_once=False)
    if is_new_report and report.source_id is None:
        # A source has a quota.
        volume_alert.count_report(report)
    # Last, because it writes to the audit log. The incident itself is like any other.
    if any(host.endswith(TEST_SITE) for host in hosts) and f"{report.portal.test_code}{TEST_SITE}" in hosts:
        lifecycle.note_test_report(report.portal_id, now=now)


def _match_incidents(
    report: Report, receipt: ReceiptContents, flood_of: FloodOf, *, is_first: bool, now: datetime
) -> list[IncidentMatch]:
    """The incidents that the envelopes name, each stored one locked. `is_first`: the report named none before."""
    addresses = [variants[0] for variants in receipt.spellings.values()]
    # Envelopes of one receipt may name the same account.
    accounts = {account.key: account for account in receipt.accounts}.values()
    has_words_alone = is_first and not (addresses or accounts)
    is_words = Fact.MANY_ADDRESSES in receipt.facts or receipt.mentions_account or has_words_alone
    stored = lock_incidents(
        [*map(address_index, addresses), *map(account_index, accounts), *([words_index(report)] if is_words else [])]
    )
    places = [
        place_of_address(address, report, stored, flood_of, shapes=receipt.shapes, now=now)._replace(
            spellings=receipt.spellings[address.key]
        )
        for address in addresses
    ]
    places += [
        place_of_account(account, report, receipt.texts, stored, flood_of, shapes=receipt.shapes)
        for account in accounts
    ]
    if is_words:
        places.append(place_of_words(report, receipt.texts, stored, flood_of, shapes=receipt.shapes))
    # First those that were not merged: the verdict answers them in any case.
    return sorted(places, key=lambda place: place.merged_from is not None)


def _update_incidents(
    report: Report,
    receipt: ReceiptContents,
    new: Mapping[uuid.UUID, IncidentMatch],
    sightings: Iterable[Sighting],
    latest_hour: datetime,
    flood_of: FloodOf,
    *,
    is_unread: bool,
    now: datetime,
) -> bool:
    """Update flood, priority and round of the report's incidents, and store the new ones; returns whether the danger
    alert must go out.

    `new`: the matches of incidents that the report names for the first time. `sightings`: all of its incidents that
    are not merged. `is_unread`: one of them must be reopened, so that the text is read.
    """
    reviewed = _pks_to_review(report) if receipt.asks_again else frozenset()
    is_unread &= not reviewed
    # Ticked now, even if it was ticked and assessed before; an answer, which has no tick, raises nothing again.
    danger_is_new = Fact.CHILD_IN_DANGER in receipt.ticked
    was_raised = False
    for sighting in sightings:
        incident, place = sighting.incident, new.get(sighting.incident_id)
        is_late = place is not None and not is_answered(place.incident, latest_hour)
        if sighting.pk in reviewed:
            is_late |= incident.state == State.CLOSED
            sighting.asked_again, sighting.round = True, incident.round
            sighting.save(update_fields=["asked_again", "round"])
        in_danger = danger_is_new or (place is not None and Fact.CHILD_IN_DANGER in report.facts)
        review_again = is_unread or (is_late and may_reopen_at(incident, now=now) <= now)
        # The words about an account are the report: each is read, also after a verdict. So is a sealed tick.
        review_again |= receipt.is_urgent or (is_account(incident) and receipt.has_words)
        # Reopening one incident is enough for the text to be read.
        is_unread = False
        _update_flood(incident, place, receipt.shapes, flood_of)
        # A flood that is closed and repeated stays a flood.
        is_repeated = place is not None and is_late and floods.is_reported_again(incident, place.pattern, report)
        decided_round = incident.round
        if receipt.is_urgent and incident.flood and floods.is_believed_urgent(incident):
            incident.flood = b""
        was_raised |= _reprioritise_incident(
            incident,
            report,
            in_danger=in_danger,
            is_urgent=receipt.is_urgent,
            review_again=review_again,
            is_repeated=is_repeated,
            is_new=place is not None and place.is_new,
            now=now,
        )
        if incident.round != decided_round:
            # The round that this receipt has opened answers what it says now.
            sighting.round = incident.round
            sighting.save(update_fields=["round"])
        elif is_late:
            wait_for_next_round(incident, sighting, now=now)
    return danger_is_new and was_raised


def _pks_to_review(report: Report) -> frozenset[uuid.UUID]:
    """The sightings of the report that were closed for a reason at which its reporter may ask to look again."""
    evidence = Prefetch("incident", Incident.objects.prefetch_related(*EVIDENCE))
    reasons = {row.pk: public_state(facts_of(row))[1] for row in report.sightings.prefetch_related(evidence)}
    return frozenset(pk for pk, reason in reasons.items() if reason and reason.row.may_look_again)


def _update_flood(incident: Incident, place: IncidentMatch | None, shapes: list[str], flood_of: FloodOf) -> None:
    """Take an incident out of its flood if a report says of it what the flood's pattern does not contain.

    `place`: set if the report names the incident for the first time; otherwise `shapes` is new. A report that is
    similar to many others in this as well moves the incident to their flood. The caller saves the instance.
    """
    if not (incident.flood and incident.is_open_to_review):
        return
    if place is not None:
        if place.pattern != incident.shape:
            incident.flood = b""
    elif shapes:
        incident.shape = extend_pattern(bytes(incident.shape), shapes)
        incident.flood = flood_of(bytes(incident.shape), bytes(incident.site_fingerprint))


def _reprioritise_incident(
    incident: Incident,
    report: Report,
    *,
    in_danger: bool,
    is_urgent: bool,
    review_again: bool,
    is_repeated: bool,
    is_new: bool,
    now: datetime,
) -> bool:
    """Set the priority from everything known; reopen a decided incident if the new report calls for another review.

    Returns whether the danger alert must include the incident. In a flood only the first few incidents rise to the top,
    so that a tick cannot raise all of it. Every incident keeps its tick, and the first one that waits within the flood
    is included in the alert too.
    """
    incident.last_sighted = max(incident.last_sighted, report.received_hour)
    if in_danger and incident.flood and floods.is_believed(incident):
        incident.flood = b""
    stays_in = b""
    if in_danger or is_urgent or is_repeated:
        stays_in = bytes(incident.flood) if incident.is_open_to_review else floods.flood_to_return_to(incident)
    is_news = in_danger and not (stays_in and floods.tells_of_danger(stays_in))
    changed = ["last_sighted", "child_in_danger", "priority", "priority_reasons", "shape", "flood", "waiting_since"]
    if in_danger or review_again:
        incident.child_in_danger = incident.child_in_danger or in_danger
        if not incident.is_open_to_review:
            actions.return_to_queue(incident, now=now)
            # return_to_queue() cleared the flood, which would raise the incident to the top.
            incident.flood = stays_in
            incident.waiting_since = waiting_hour(report, since=incident.waiting_since)
        changed += actions.leave_batch(incident)
    if incident.waiting_since > the_hour(now):
        # Reported by a source that comes later, and now again.
        incident.waiting_since = min(incident.waiting_since, waiting_hour(report, since=report.received_hour))
    if incident.is_open_to_review:
        set_priority(incident, facts=report.facts, urgent=is_urgent, is_new=is_new)
    if is_new:
        incident.save(force_insert=True)
    else:
        incident.save(update_fields=changed)
    return is_news
