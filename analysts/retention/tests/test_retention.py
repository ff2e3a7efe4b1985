"""Rows that must stay readable and why, with exact days."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from analysts.assessment import actions
from analysts.assessment.drafts import save_draft
from analysts.codes import Closing, HoldReason
from analysts.models import Incident, User
from analysts.retention import actions as retention_actions
from analysts.retention import policy, sealed
from analysts.retention.sealed import GOES, SEALED, Why
from analysts.states import State
from analysts.tests.chases import found_gone
from analysts.tests.factories import assessed_illegal, claimed, incident_of, report_of
from analysts.tests.march import MARCH, MARCH_CLOSES, create_removed_incident, key_of, nothing_found, open_keys
from countries.models import Portal
from reports.models import KeyClass, SealingKey
from reports.tests.codes import code_of
from tests.rig.fixtures import send_report

__all__ = ["open_keys"]

ENVELOPES, QUESTIONS, ADDRESSES = (
    next(kind for kind in SEALED if kind.name == name) for name in ("envelopes", "questions", "addresses")
)
YEARS = timedelta(days=2000)


def whys(kind: sealed.Sealed, now: datetime) -> list[str]:
    return sorted(
        why
        for key in SealingKey.objects.filter(key_class=kind.key_class)
        for why in kind.under(key, now).values_list("why", flat=True)
    )


def waiting(portal: Portal, by: User) -> None:
    incident_of(portal, now=MARCH)


def in_somebodys_hands(portal: Portal, by: User) -> None:
    claimed(incident_of(portal, now=MARCH), by, now=MARCH)


def illegal(portal: Portal, by: User) -> None:
    assessed_illegal(incident_of(portal, now=MARCH), by, now=MARCH)


def merged_into_what_is_illegal(portal: Portal, by: User) -> None:
    one, other = (incident_of(portal, f"https://example.org/{number}", now=MARCH) for number in range(2))
    assessed_illegal(other, by, now=MARCH)
    actions.merge(by=by, incident=one, into=other, now=MARCH)


def merged_into_what_is_gone(portal: Portal, by: User) -> None:
    one = incident_of(portal, "https://example.org/other", now=MARCH)
    create_removed_incident(portal, by, "https://example.org/gallery")
    actions.merge(by=by, incident=one, into=Incident.objects.get(closing=Closing.GONE), now=MARCH)


def closed_long_ago(portal: Portal, by: User) -> None:
    create_removed_incident(portal, by, "https://example.org/gallery")


def closed_beside_one_that_waits(portal: Portal, by: User) -> None:
    create_removed_incident(portal, by, "https://example.org/gallery")
    incident_of(portal, "https://example.org/other", now=MARCH)


def more_words_not_taken_in(portal: Portal, by: User) -> None:
    incident = create_removed_incident(portal, by, "https://example.org/gallery")
    code = code_of(incident.sightings.get().report_id)
    send_report(portal, "https://example.org/gallery", code=code, details={"description": "More."}, now=MARCH)


def merged_later_than_what_it_names_beside(portal: Portal, by: User) -> None:
    """One report names both; what is merged has no decision of its own."""
    report_of(portal, "https://example.org/gallery\nhttps://example.org/other", now=MARCH)
    other = Incident.objects.get(sightings__report=report_of(portal, "https://example.org/other", now=MARCH))
    gallery = Incident.objects.exclude(pk=other.pk).get()
    actions.merge(by=by, incident=other, into=gallery, now=MARCH + YEARS)
    assessed_illegal(gallery, by, now=MARCH)
    found_gone(gallery, by, now=MARCH)


def not_taken_in(portal: Portal, by: User) -> None:
    send_report(portal, "https://example.org/gallery", now=MARCH)


@pytest.mark.parametrize(
    ("happened", "words", "addresses"),
    [
        (waiting, [Why.UNASSESSED], [Why.UNASSESSED]),
        (in_somebodys_hands, [Why.UNASSESSED], [Why.UNASSESSED]),
        (illegal, [Why.IN_WORK], [Why.IN_WORK]),
        (closed_long_ago, [GOES], [GOES]),
        (merged_into_what_is_illegal, [Why.IN_WORK] * 2, [Why.IN_WORK] * 2),
        (merged_into_what_is_gone, [GOES] * 2, [GOES] * 2),
        (not_taken_in, [Why.NOT_TAKEN_IN], []),
        (closed_beside_one_that_waits, [GOES, Why.UNASSESSED], [GOES, Why.UNASSESSED]),
        (more_words_not_taken_in, [Why.NOT_TAKEN_IN] * 2, [GOES]),
        (merged_later_than_what_it_names_beside, [GOES] * 2, [GOES, Why.RECENT]),
    ],
)
def test_only_what_is_closed_ever_goes(
    belize: Portal, ana: User, happened: Callable[[Portal, User], None], words: list[str], addresses: list[str]
) -> None:
    happened(belize, ana)
    # Unassessed incidents never expire.
    assert whys(ENVELOPES, MARCH + YEARS) == words
    assert whys(ADDRESSES, MARCH + YEARS) == addresses


@pytest.mark.parametrize(
    ("state", "why"), [(State.WAITING, Why.UNASSESSED), (State.CLAIMED, Why.UNASSESSED), (State.ASSESSED, GOES)]
)
def test_draft_stays_while_its_incident_can_be_assessed(belize: Portal, ana: User, state: State, why: str) -> None:
    incident = claimed(incident_of(belize), ana)
    save_draft(by=ana, incident=incident, act="note", fields={"text": "Begun"})
    if state != State.CLAIMED:
        Incident.objects.update(state=state, claimed_by=None, claimed_until=None)
    [drafts] = (kind for kind in SEALED if kind.name == "drafts")
    assert whys(drafts, MARCH) == [why]


@pytest.mark.parametrize(
    ("closing", "words", "addresses"),
    [(Closing.NOT_ACTIONED, 8, 31), (Closing.GONE, 20, 100), (Closing.EXHAUSTED, 20, 100)],
)
def test_retention_counts_from_closing_by_outcome_and_class(
    belize: Portal, ana: User, settings: Any, closing: Closing, words: int, addresses: int
) -> None:
    settings.WORDS_DAYS_NOT_ACTIONED, settings.WORDS_DAYS_ACTIONED = 8, 20
    settings.ADDRESSES_DAYS_NOT_ACTIONED, settings.ADDRESSES_DAYS_ACTIONED = 31, 100
    incident = nothing_found(belize, ana, "https://example.org/gallery")
    Incident.objects.filter(pk=incident.pk).update(closing=closing)
    closed = MARCH + timedelta(days=1)

    for kind, days in ((ENVELOPES, words), (ADDRESSES, addresses)):
        assert whys(kind, closed + timedelta(days=days - 1)) == [Why.RECENT]
        assert whys(kind, closed + timedelta(days=days)) == [GOES]


def test_words_stay_until_the_last_incident_of_their_report_may_go(belize: Portal, ana: User) -> None:
    first = nothing_found(belize, ana, "https://a.example/1")
    later = MARCH + timedelta(days=300)
    report = report_of(belize, "https://a.example/1\nhttps://b.example/1", now=later)
    other = Incident.objects.exclude(pk=first.pk).get()
    # The first incident was closed as not found, then reported again, so it waits again and its first report is kept.
    assert whys(ENVELOPES, later + YEARS) == [Why.UNASSESSED, Why.UNASSESSED]
    for incident in (first, other):
        incident.refresh_from_db()
    assessed_illegal(first, ana, now=later)
    found_gone(first, ana, now=later)

    assert whys(ENVELOPES, later + YEARS) == [GOES, Why.UNASSESSED]
    assert report.receipt.submissions.count() == 1


def test_new_words_about_what_was_closed_long_ago_stay_for_a_time(belize: Portal, ana: User) -> None:
    create_removed_incident(belize, ana, "https://example.org/gallery")
    Incident.objects.update(closing=Closing.EXHAUSTED)
    later = MARCH + timedelta(days=300)
    report_of(belize, "https://example.org/gallery", now=later)

    assert Incident.objects.get().state == "closed"
    assert whys(ENVELOPES, later + timedelta(days=29)) == [GOES, Why.RECENT]
    assert whys(ENVELOPES, later + timedelta(days=31)) == [GOES, GOES]


def test_hold_keeps_words_and_address_until_it_is_released(belize: Portal, ana: User, sena: User) -> None:
    held = create_removed_incident(belize, ana, "https://a.example/1")
    create_removed_incident(belize, ana, "https://b.example/1")
    review = date(2026, 4, 1)
    actions.ask_reporter(by=ana, incident=held, report=held.sightings.get().report, question="Where was it?", now=MARCH)
    retention_actions.place_hold(by=sena, incident=held, reason=HoldReason.POLICE, review_on=review, now=MARCH)

    # Also long after the review date.
    for kind, others in ((ENVELOPES, [GOES]), (QUESTIONS, []), (ADDRESSES, [GOES])):
        assert whys(kind, MARCH + YEARS) == [*others, Why.HELD]
    retention_actions.release_hold(by=sena, incident=held, now=MARCH)
    assert whys(ENVELOPES, MARCH + YEARS) == [GOES, GOES]
    assert whys(QUESTIONS, MARCH + YEARS) == [GOES]
    assert whys(ADDRESSES, MARCH + YEARS) == [GOES, GOES]


def test_preview_lists_key_steps_of_each_night(belize: Portal, ana: User) -> None:
    nothing_found(belize, ana, "https://a.example/1")
    incident_of(belize, "https://b.example/1", now=MARCH)

    def planned(now: datetime) -> list[tuple[str, str, dict[str, int], dict[str, int], date | None]]:
        return [
            (plan.key.key_class, plan.step.value, dict(plan.tally.goes), dict(plan.tally.stays), plan.destroyed_on)
            for plan in policy.build_plans(now=now)
        ]

    assert planned(MARCH_CLOSES - timedelta(days=1)) == []
    both_stay = {"unassessed": 1, "recent": 1}
    assert planned(MARCH_CLOSES) == [
        ("addresses", "close", {}, both_stay, None),
        ("words", "close", {}, both_stay, None),
    ]
    # Thirty days after the incident was closed on 11 March.
    due = datetime.combine(date(2026, 4, 10), MARCH.time(), MARCH.tzinfo)
    assert planned(due) == [
        ("addresses", "close", {}, both_stay, None),
        ("words", "empty", {"envelopes": 1}, {"unassessed": 1}, date(2026, 4, 12)),
    ]
    words = key_of(3)
    words.state, words.emptied_on = "closed", due.date()
    words.save()
    assert [plan.step for plan in policy.build_plans(now=due) if plan.key == words] == ["nothing"]
    assert [plan.step for plan in policy.build_plans(now=due + timedelta(days=2)) if plan.key == words] == ["destroy"]


def test_preview_costs_the_same_for_one_and_for_ten(belize: Portal, ana: User, django_assert_num_queries: Any) -> None:
    nothing_found(belize, ana, "https://a.example/0")
    with django_assert_num_queries(16):
        policy.build_plans(now=MARCH_CLOSES)
    for number in range(1, 10):
        nothing_found(belize, ana, f"https://a.example/{number}")
    with django_assert_num_queries(16):
        policy.build_plans(now=MARCH_CLOSES)


def test_days_come_from_the_settings_of_class_and_outcome(settings: Any) -> None:
    settings.WORDS_DAYS_NOT_ACTIONED, settings.ADDRESSES_DAYS_ACTIONED = 11, 777

    assert sealed.retention_days(KeyClass.WORDS, Closing.NOT_ACTIONED) == 11
    assert {sealed.retention_days(KeyClass.ADDRESSES, closing) for closing in (Closing.GONE, Closing.EXHAUSTED)} == {
        777
    }
