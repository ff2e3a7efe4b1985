"""Changes of a portal's state: permissions, transitions, checklist and audit events."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analysts.models import User
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal, PortalState
from countries.public import published
from countries.staff.workspace import lifecycle
from countries.staff.workspace.launch_date import LaunchDate
from countries.staff.workspace.permissions import NotReady
from countries.states import TRANSITIONS, Verb
from countries.tests.factories import complete_portal

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
TODAY = date(2026, 5, 4)


@pytest.fixture
def ghana(db: None) -> Portal:
    """A restricted portal whose checklist is complete."""
    return complete_portal(
        "gh", "Ghana", "en", "en-gb", today=TODAY, state=PortalState.RESTRICTED, access_phrase="phrase"
    )


def move(by: User, portal: Portal, verb: str, **more: Any) -> Portal:
    return lifecycle.transition_portal(by=by, portal=portal, verb=verb, reason="Agreed.", now=NOW, **more)


def events() -> list[tuple[str, str, str, dict[str, Any]]]:
    return list(AuditEvent.objects.order_by("number").values_list("action", "actor", "portal", "details"))


def test_launch_opens_the_portal_and_is_on_the_record_with_its_reason(ghana: Portal, olga: User) -> None:
    launched = move(olga, ghana, "launch")

    ghana.refresh_from_db()
    assert (launched.state, ghana.state, ghana.launched_on) == (PortalState.LIVE, PortalState.LIVE, TODAY)
    expected = {"from": "restricted", "to": "live", "reason": "Agreed.", "launched_on": "2026-05-04"}
    assert events() == [("portal.launch", "olga", "gh", expected)]


def test_launch_keeps_the_day_of_the_first_one(ghana: Portal, olga: User) -> None:
    Portal.objects.update(launched_on=date(2018, 4, 13))
    move(olga, ghana, "launch")
    ghana.refresh_from_db()
    assert ghana.launched_on == date(2018, 4, 13)


def test_launch_takes_no_date_of_the_catalogue_that_no_operator_confirmed(ghana: Portal, olga: User) -> None:
    Portal.objects.update(launched_on=date(2018, 4, 13), launch_source="public page of the launch")
    assert Portal.objects.get(pk=ghana.pk).launch_day is None
    assert (move(olga, ghana, "launch").launch_day, Portal.objects.get(pk=ghana.pk).launch_source) == (TODAY, "")


def test_launch_takes_an_earlier_date_with_its_source_only(ghana: Portal, olga: User) -> None:
    earlier = date(2018, 4, 13)
    with pytest.raises(Denied, match="source"):
        move(olga, ghana, "launch", launch=LaunchDate(earlier))
    with pytest.raises(Denied, match="future"):
        move(olga, ghana, "launch", launch=LaunchDate(TODAY + timedelta(days=1)))
    launched = move(olga, ghana, "launch", launch=LaunchDate(earlier, "page of the ministry"))
    assert (launched.launched_on, launched.launch_source) == (earlier, "page of the ministry")


@pytest.mark.parametrize("launch", [LaunchDate(), LaunchDate(date(2018, 4, 13), "page of the ministry")])
def test_scheduled_portal_opens_with_the_launch_date_that_was_stated(
    ghana: Portal, olga: User, launch: LaunchDate
) -> None:
    opening = TODAY + timedelta(days=2)
    move(olga, ghana, "schedule", opens_on=opening, launch=launch)
    assert lifecycle.open_due(NOW + timedelta(days=2)) == 1
    assert Portal.objects.get(pk=ghana.pk).launched_on == (launch.day or opening)


@pytest.mark.parametrize("verb", ["launch", "schedule"])
def test_portal_opens_with_its_whole_checklist_only(ghana: Portal, olga: User, verb: str) -> None:
    ghana.contacts.filter(kind="police").update(verified_on=TODAY - timedelta(days=366))
    Portal.objects.update(legal_source="")

    with pytest.raises(NotReady) as refused:
        move(olga, ghana, verb, opens_on=TODAY + timedelta(days=1) if verb == "schedule" else None)

    assert [item.key for item in refused.value.items] == ["contact_police", "law"]
    ghana.refresh_from_db()
    assert (ghana.state, ghana.opens_on, ghana.launched_on) == (PortalState.RESTRICTED, None, None)
    assert events() == []


@pytest.mark.parametrize("state", PortalState)
@pytest.mark.parametrize("verb", Verb)
def test_every_verb_moves_from_its_states_only(ghana: Portal, olga: User, state: PortalState, verb: Verb) -> None:
    Portal.objects.filter(pk=ghana.pk).update(state=state)
    [transition] = [each for each in TRANSITIONS if each.verb == verb]
    opens_on = TODAY + timedelta(days=1) if verb is Verb.SCHEDULE else None

    if state in transition.sources:
        assert move(olga, ghana, verb, opens_on=opens_on).state == transition.target
    else:
        with pytest.raises(Denied, match=r"^Not possible while the portal is"):
            move(olga, ghana, verb, opens_on=opens_on)
        assert events() == []


def test_portal_that_was_launched_never_vanishes(ghana: Portal, olga: User) -> None:
    move(olga, ghana, "launch")
    move(olga, ghana, "restrict")
    with pytest.raises(Denied, match="cannot be hidden again"):
        move(olga, ghana, "schedule", opens_on=TODAY + timedelta(days=1))
    assert all(
        transition.target.visible or transition.sources <= {PortalState.DRAFT, PortalState.RESTRICTED, "scheduled"}
        for transition in TRANSITIONS
    )


@pytest.mark.parametrize(("verb", "field"), [("suspend", "suspended_message"), ("close", "closed_message")])
def test_portal_says_why_it_takes_no_reports_in_every_language(
    ghana: Portal, olga: User, verb: str, field: str
) -> None:
    Portal.objects.update(state=PortalState.LIVE)
    ghana.texts.filter(language="en-gb").update(**{field: " "})
    with pytest.raises(Denied, match=r"Missing: English \(United Kingdom\)"):
        move(olga, ghana, verb)

    ghana.texts.update(**{field: "Closed for now."})
    assert move(olga, ghana, verb).state in (PortalState.SUSPENDED, PortalState.CLOSED)


def test_restricted_portal_has_a_phrase_and_a_text_in_its_default_language(ghana: Portal, olga: User) -> None:
    Portal.objects.update(state=PortalState.DRAFT, access_phrase="")
    with pytest.raises(Denied, match="access phrase"):
        move(olga, ghana, "restrict")
    Portal.objects.update(access_phrase="phrase", default_language="es")
    with pytest.raises(Denied, match="default language"):
        move(olga, ghana, "restrict")
    Portal.objects.update(default_language="en-gb")
    assert move(olga, ghana, "restrict").state == PortalState.RESTRICTED


@pytest.mark.parametrize("opens_on", [None, TODAY, TODAY - timedelta(days=1)])
def test_scheduled_portal_has_a_day_to_come(ghana: Portal, olga: User, opens_on: date | None) -> None:
    with pytest.raises(Denied, match="after today"):
        move(olga, ghana, "schedule", opens_on=opens_on)


def test_every_move_has_a_reason(ghana: Portal, olga: User) -> None:
    with pytest.raises(Denied, match="reason"):
        lifecycle.transition_portal(by=olga, portal=ghana, verb="close", reason=" \n", now=NOW)
    assert events() == []


@pytest.mark.parametrize("name", ["ana", "sena", "petra", "axel", "willa", "adam"])
def test_only_operators_move_portals(ghana: Portal, name: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Denied, match="Only operators"):
        move(request.getfixturevalue(name), ghana, "launch")
    assert Portal.objects.get(slug="gh").state == PortalState.RESTRICTED


def test_move_locks_the_portal_before_it_looks(ghana: Portal, olga: User) -> None:
    with CaptureQueriesContext(connection) as captured:
        move(olga, ghana, "close")
    first = next(query["sql"] for query in captured if "SELECT" in query["sql"])
    assert 'FROM "countries_portal"' in first
    assert first.endswith("FOR NO KEY UPDATE")


def test_move_is_shown_to_the_public_at_once(
    ghana: Portal, olga: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    assert published.portals_by_slug()["gh"].state == PortalState.RESTRICTED
    with django_capture_on_commit_callbacks(execute=True):
        move(olga, ghana, "launch")
    assert published.portals_by_slug()["gh"].state == PortalState.LIVE


def test_scheduled_portal_opens_on_its_day(ghana: Portal, olga: User) -> None:
    move(olga, ghana, "schedule", opens_on=TODAY + timedelta(days=2))

    assert lifecycle.open_due(NOW + timedelta(days=1)) == 0
    assert Portal.objects.get(slug="gh").state == PortalState.SCHEDULED
    assert lifecycle.open_due(NOW + timedelta(days=2)) == 1
    ghana.refresh_from_db()
    assert (ghana.state, ghana.opens_on, ghana.launched_on) == (
        PortalState.LIVE,
        None,
        TODAY + timedelta(days=2),
    )
    details = {"from": "scheduled", "to": "live", "reason": "", "launched_on": "2026-05-06"}
    assert events()[-1] == ("portal.launch", "", "gh", details)


def test_scheduled_portal_whose_checklist_broke_stays_scheduled_and_is_recorded_once(ghana: Portal, olga: User) -> None:
    move(olga, ghana, "schedule", opens_on=TODAY + timedelta(days=1))
    ghana.partners.update(confirmed=False)

    for days in (1, 2, 3):
        assert lifecycle.open_due(NOW + timedelta(days=days)) == 0
    ghana.refresh_from_db()
    assert (ghana.state, ghana.opening_missed_on) == (PortalState.SCHEDULED, TODAY + timedelta(days=1))
    assert [event for event in events() if event[0] == "portal.opening_missed"] == [
        ("portal.opening_missed", "", "gh", {"opens_on": "2026-05-05", "missing": ["partners"]})
    ]

    ghana.partners.update(confirmed=True)
    assert lifecycle.open_due(NOW + timedelta(days=4)) == 1
    ghana.refresh_from_db()
    assert (ghana.state, ghana.opening_missed_on) == (PortalState.LIVE, None)


def test_withdrawn_portal_does_not_open(ghana: Portal, olga: User) -> None:
    move(olga, ghana, "schedule", opens_on=TODAY + timedelta(days=1))
    move(olga, ghana, "withdraw")

    assert lifecycle.open_due(NOW + timedelta(days=1)) == 0
    ghana.refresh_from_db()
    assert (ghana.state, ghana.opens_on) == (PortalState.DRAFT, None)


def test_test_report_is_noted_once(ghana: Portal) -> None:
    Portal.objects.update(tested_on=None)
    lifecycle.note_test_report(ghana.pk, now=NOW)
    lifecycle.note_test_report(ghana.pk, now=NOW + timedelta(days=3))
    ghana.refresh_from_db()
    assert ghana.tested_on == timezone.localdate(NOW)
    assert events() == [("portal.tested", "", "gh", {})]
