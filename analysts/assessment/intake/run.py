"""Intake: turns sealed envelopes into incidents in the queue. A worker of its own runs it (`worker.py`).

One transaction takes in the waiting envelopes of one receipt and deletes their arrivals, so an interrupted run can be
repeated without loss or duplicates. Receipts are taken in random order, so that rows do not reveal the order of
arrival; expedited ones do not wait behind a flood. Intake orders no job and stores no time finer than the hour. It
writes no audit event, except for a test report.
"""

import secrets
import uuid
from collections.abc import Callable, Collection
from datetime import datetime
from functools import cache, partial
from itertools import accumulate

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Length
from django.utils import timezone

from analysts.accounts.alarms import raise_alarm
from analysts.assessment.flood import folding as floods
from analysts.assessment.intake.envelope_reading import ReceiptContents, note_answered, open_envelopes
from analysts.assessment.intake.failures import IntakeFailures
from analysts.assessment.intake.incident_matching import (
    FloodOf,
    IncidentMatch,
    account_index,
    address_index,
    lock_incidents,
    place_of_account,
    place_of_address,
    place_of_words,
    words_index,
)
from analysts.assessment.intake.incident_updates import update_incidents
from analysts.assessment.intake.report_rows import (
    insert_report,
    record_sightings,
    report_of_envelopes,
    supplement_report,
)
from analysts.codes import Closing, Fact
from analysts.incidents import volume_alert
from analysts.models import AlarmKind, Report, Sighting
from analysts.states import State
from countries.staff.workspace import lifecycle
from countries.staff.workspace.lifecycle import TEST_SITE
from reports import keys
from reports.models import Arrival, SourceItem, Submission
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
    """Take in at most `limit` waiting receipts, up to three quarters expedited ones; returns how many were taken in.

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
    """Up to `limit` waiting receipts in random order. Expedited ones fill at most three quarters of a run while others
    wait, so that neither a flood nor a flood of expedited ones holds up the rest."""
    chance = secrets.SystemRandom()
    expedited = _waiting_receipts(is_expedited=True) - {*left_out}
    others = _waiting_receipts(is_expedited=False) - expedited - {*left_out}
    chosen = chance.sample([*expedited], min(limit * 3 // 4, len(expedited)))
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
    is_danger = update_incidents(report, receipt, new, unmerged, latest_hour, flood_of, is_unread=is_unread, now=now)
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
