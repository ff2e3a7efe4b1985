"""A merged address is answered by a verdict only where an analyst opened it or compared it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from analysts.assessment import actions, publishing
from analysts.assessment.tests.test_publishing import listed, sent, shown, to_recipient
from analysts.codes import Verdict
from analysts.models import Incident, RecipientKind, Report, Sighting, User
from analysts.pages.tests.test_incident_page import reveal, url
from analysts.pages.tests.test_incident_page import shown as text_of
from analysts.takedown.notices import texts
from analysts.tests.chases import found_gone
from analysts.tests.factories import assessed_cleared, assessed_illegal, assessed_not_found, incident_of, report_of
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from reports.outcomes import PublicState
from tests.rig.fixtures import client_of

ONE, OTHER, THIRD = "https://example.org/gallery", "https://mirror.example.net/gallery", "https://example.com/3"
BEGUN = [(PublicState.BEING_ASSESSED.value, "", 1)]


@pytest.fixture(autouse=True)
def _each_minute(db: None, settings: Any) -> None:
    settings.PUBLISH_EVERY = "minute"
    settings.PUBLIC_URL = "https://report.hotline.example"
    texts.load_shipped_texts(now=timezone.now())


def _notify(incident: Incident, by: User, kind: RecipientKind) -> None:
    assessed_illegal(incident, by)
    to_recipient(incident, by, kind)
    sent(incident, by)


def _list(incident: Incident, by: User) -> None:
    _notify(incident, by, RecipientKind.HOST)
    listed(incident, by)


def _remove(incident: Incident, by: User) -> None:
    _notify(incident, by, RecipientKind.HOST)
    found_gone(incident, by)


# By public state beyond "being assessed", how the target of a merge gets there.
DECIDE: dict[PublicState, Callable[[Incident, User], object]] = {
    PublicState.PASSED_ON: lambda incident, by: _notify(incident, by, RecipientKind.HOTLINE),
    PublicState.NOTICE_SENT: lambda incident, by: _notify(incident, by, RecipientKind.HOST),
    PublicState.LISTED: _list,
    PublicState.GONE: _remove,
    PublicState.CLOSED: assessed_not_found,
}


def test_each_state_that_answers_is_tried() -> None:
    unanswered = {PublicState.RECEIVED, PublicState.AGAIN, PublicState.BEING_ASSESSED}
    assert {*DECIDE} == {*PublicState} - unanswered


@pytest.fixture
def early(belize: Portal) -> Report:
    """Before any decision: a verdict answers it."""
    return report_of(belize, ONE, now=timezone.now() - timedelta(days=3))


@pytest.fixture
def one(early: Report) -> Incident:
    return early.sightings.get().incident


@pytest.fixture
def other(belize: Portal) -> Incident:
    return incident_of(belize, OTHER)


def publish_and_show(*reports: Report) -> list[list[tuple[str, str, int]]]:
    publishing.publish_outcomes()
    return [shown(report.pk) for report in reports]


@pytest.mark.parametrize("compared", [False, True])
@pytest.mark.parametrize("is_decided_first", [False, True])
@pytest.mark.parametrize("state", DECIDE)
def test_verdict_answers_a_merged_address_only_if_it_was_compared(
    early: Report,
    one: Incident,
    other: Incident,
    belize: Portal,
    ana: User,
    state: PublicState,
    is_decided_first: bool,
    compared: bool,
) -> None:
    of_other = other.sightings.get().report
    if is_decided_first:
        DECIDE[state](other, ana)
    actions.merge(by=ana, incident=one, into=other, compared=compared)
    # One after the decision would reopen it.
    reports = [early] if is_decided_first else [early, report_of(belize, ONE)]
    if not is_decided_first:
        DECIDE[state](other, ana)
    outcome, *merged = publish_and_show(of_other, *reports)

    assert outcome[0][0] == state
    assert merged == [outcome if compared else BEGUN] * len(reports)


@pytest.mark.parametrize("compared", [False, True])
def test_report_that_names_both_counts_both(
    early: Report, one: Incident, other: Incident, belize: Portal, ana: User, compared: bool
) -> None:
    before = report_of(belize, f"{ONE}\n{OTHER}")
    actions.merge(by=ana, incident=one, into=other, compared=compared)
    # In either order.
    after = [report_of(belize, f"{ONE}\n{OTHER}"), report_of(belize, f"{OTHER}\n{ONE}")]
    assessed_not_found(other, ana)

    closed = (PublicState.CLOSED.value, "not_found")
    expected = [(*closed, 2)] if compared else [*BEGUN, (*closed, 1)]
    assert publish_and_show(before, *after) == [expected] * 3


@pytest.mark.parametrize(("first", "second"), [(False, True), (True, False), (True, True)])
def test_address_merged_twice_was_compared_both_times(
    early: Report, one: Incident, other: Incident, belize: Portal, ana: User, first: bool, second: bool
) -> None:
    third = incident_of(belize, THIRD)
    actions.merge(by=ana, incident=one, into=other, compared=first)
    actions.merge(by=ana, incident=other, into=third, compared=second)
    later = report_of(belize, ONE)
    assessed_cleared(third, ana)

    closed = [("closed", "not_illegal", 1)]
    assert publish_and_show(early, later) == [closed if first and second else BEGUN] * 2
    assert Incident.objects.get(pk=one.pk).is_compared is (first and second)


def test_address_that_is_split_off_again_has_its_own_verdict(
    early: Report, one: Incident, other: Incident, ana: User
) -> None:
    actions.merge(by=ana, incident=one, into=other)
    actions.split(by=ana, incident=other, report=early)
    assessed_cleared(one, ana, verdict=Verdict.OUTSIDE_REMIT)

    assert publish_and_show(early) == [[("closed", "outside_remit", 1)]]
    assert Incident.objects.get(pk=one.pk).is_compared is None


def test_receipts_of_earlier_merges_keep_their_answer_and_later_reports_get_none(
    early: Report, one: Incident, other: Incident, belize: Portal, ana: User
) -> None:
    both = report_of(belize, f"{ONE}\n{OTHER}")
    actions.merge(by=ana, incident=one, into=other)
    # As an upgrade leaves them.
    Incident.objects.update(is_compared=None)
    Sighting.objects.update(shares_verdict=True)
    later, later_of_both = report_of(belize, ONE), report_of(belize, f"{ONE}\n{OTHER}")
    assessed_not_found(other, ana)

    closed = ("closed", "not_found", 1)
    assert publish_and_show(early, both) == [[closed], [closed]]
    assert publish_and_show(later, later_of_both) == [BEGUN, [*BEGUN, closed]]


def test_address_can_be_compared_after_the_merge(
    early: Report, one: Incident, other: Incident, belize: Portal, ana: User, ben: User
) -> None:
    unrelated = incident_of(belize, THIRD)
    actions.merge(by=ana, incident=one, into=other)
    assessed_not_found(other, ana)
    assert publish_and_show(early) == [BEGUN]
    client = client_of(ana)
    reveal(client, other)
    page = client.get(url(other)).content.decode()
    assert f'name="merged" value="{one.pk}"' in page
    assert client_of(ben).post(url(other, "compare-merged"), {"merged": str(one.pk)}).status_code == 404
    assert client.post(url(other, "compare-merged"), {"merged": str(other.pk)}).status_code == 422
    client.post(url(other, "compare-merged"), {"merged": str(one.pk)})

    assert publish_and_show(early) == [[("closed", "not_found", 1)]]
    event = AuditEvent.objects.get(action="incident.compare_merged")
    assert (event.actor, event.object_id, event.details) == ("ana", str(other.pk), {"from": str(one.pk)})
    assert "opened or compared" in text_of(client.get(url(other)))
    with pytest.raises(Denied, match="on record already"):
        actions.compare_merged(by=ana, incident=other, merged=one)
    with pytest.raises(Denied, match="no longer part"):
        actions.compare_merged(by=ana, incident=other, merged=unrelated)


@pytest.mark.parametrize("compared", [False, True])
def test_tick_beside_a_related_incident_goes_on_record(
    one: Incident, belize: Portal, ana: User, compared: bool
) -> None:
    related = incident_of(belize, f"{ONE}/2")
    client = client_of(ana)
    reveal(client, one)
    client.post(url(one, "merge"), {"into": str(related.pk), "number": ""} | ({"compared": "on"} if compared else {}))

    assert Incident.objects.get(pk=one.pk).is_compared is compared
    for event in AuditEvent.objects.filter(action="incident.merge"):
        assert event.details["compared"] is compared
