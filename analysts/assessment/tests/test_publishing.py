"""Publication of states to receipts: content and timing."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from analysts.assessment import actions, publishing
from analysts.assessment.intake import run as intake
from analysts.codes import Closing, Reason, RevealReason, Verdict
from analysts.models import Clearance, Incident, Notice, PoliceHold, RecipientKind, Referral, User
from analysts.takedown.notices import rendering, sending, texts
from analysts.takedown.url_list import entries
from analysts.tests.chases import found_gone
from analysts.tests.factories import assessed_illegal, assessed_not_found, claimed, incident_of, report_of
from analysts.tests.notices import host, place, planned
from analysts.welfare.viewing import record_reveal
from countries.models import Portal
from reports import receipts
from reports.actions import look_up
from reports.tests.codes import code_of
from tests.rig.fixtures import Sender


def shown(report_pk: Any) -> list[tuple[str, str, int]]:
    found = look_up(receipts.derive_credentials(code_of(report_pk)))
    assert found is not None
    return found.outcomes


@pytest.fixture(autouse=True)
def _each_minute(db: None, settings: Any) -> None:
    settings.PUBLISH_EVERY = "minute"
    settings.PUBLIC_URL = "https://report.hotline.example"
    texts.load_shipped_texts(now=timezone.now())


def to_recipient(incident: Incident, by: User, kind: RecipientKind) -> Referral:
    """A referral of the illegal incident to a recipient of the kind, with a notice that has not left."""
    verdict = incident.assessments.latest("at")
    to = host(f"Example {kind}", by=by, kind=kind, email=f"{kind}@example.org")
    place(verdict, to, now=verdict.at)
    referral = Referral.objects.create(
        incident=incident,
        assessment=verdict,
        kind=kind.row.referred_as or "",
        recipient=to.name,
        to=to,
        by=by,
        at=verdict.at,
    )
    assert planned(referral, by=by, now=verdict.at) is not None
    return referral


def sent(incident: Incident, by: User, *, kind: RecipientKind | None = None) -> None:
    """The planned notices about the incident are sent, or those to the kind of recipient."""
    planned_ones = Notice.objects.filter(items__incident=incident, sent_at=None)
    for notice in planned_ones.filter(recipient__kind=kind) if kind else planned_ones:
        sending.mark_sent(notice, rendering.render_letter(notice), by=by, now=timezone.now())


def listed(incident: Incident, by: User) -> None:
    """The incident is on the URL list, whether or not the police allow it."""
    referral = Referral(incident=incident, assessment=incident.assessments.latest("at"), by=by)
    with transaction.atomic():
        entries.add_entry(referral, "https://example.org/gallery", now=timezone.now())


def test_new_report_shows_received(belize: Portal) -> None:
    report = report_of(belize)
    assert shown(report.pk) == []
    publishing.publish_outcomes()

    assert shown(report.pk) == [("received", "", 1)]


def test_each_step_shows_with_the_next_batch(belize: Portal, ana: User) -> None:
    report = report_of(belize)
    incident = report.sightings.get().incident
    steps = []
    for act in (
        lambda: claimed(incident, ana),
        lambda: actions.release(by=ana, incident=incident, fence=1),
        lambda: assessed_illegal(incident, ana),
        lambda: to_recipient(incident, ana, RecipientKind.HOST),
        lambda: sent(incident, ana),
        lambda: listed(incident, ana),
        lambda: found_gone(incident, ana),
        lambda: actions.reopen(by=ana, incident=incident),
    ):
        act()
        before = shown(report.pk)
        assert publishing.publish_outcomes() == (1 if before != shown(report.pk) else 0)
        steps.append(shown(report.pk)[0][0])

    assert steps == [
        "being_assessed",
        "received",
        "being_assessed",
        "being_assessed",
        "notice_sent",
        "listed",
        "gone",
        # A notice about it did leave.
        "notice_sent",
    ]
    assert publishing.publish_outcomes() == 0


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (RecipientKind.HOST, "notice_sent"),
        (RecipientKind.PLATFORM, "notice_sent"),
        (RecipientKind.HOTLINE, "passed_on"),
        # A site owner may be the offender.
        (RecipientKind.OWNER, "being_assessed"),
        (RecipientKind.REGISTRAR, "being_assessed"),
        (RecipientKind.POLICE, "being_assessed"),
    ],
)
def test_receipt_names_a_notice_once_it_has_left(belize: Portal, ana: User, kind: RecipientKind, expected: str) -> None:
    report = report_of(belize)
    incident = report.sightings.get().incident
    assessed_illegal(incident, ana)
    to_recipient(incident, ana, kind)
    publishing.publish_outcomes()
    before = shown(report.pk)
    sent(incident, ana)
    publishing.publish_outcomes()
    found_gone(incident, ana)
    publishing.publish_outcomes()

    assert before == [("being_assessed", "", 1)]
    assert shown(report.pk) == [("gone" if expected != "being_assessed" else "being_assessed", "", 1)]


def test_receipt_says_nothing_of_acting_after_the_police_refused(belize: Portal, ana: User) -> None:
    report = report_of(belize)
    incident = report.sightings.get().incident
    assessed_illegal(incident, ana)
    to_recipient(incident, ana, RecipientKind.HOST)
    police = to_recipient(incident, ana, RecipientKind.POLICE).to
    assert police is not None
    hold = PoliceHold.objects.create(incident=incident, police=police, by=ana, at=timezone.now())
    sent(incident, ana, kind=RecipientKind.POLICE)
    publishing.publish_outcomes()
    assert shown(report.pk) == [("being_assessed", "", 1)]
    refused = {"answer": Clearance.REFUSED, "answered_on": timezone.localdate(), "reference": "EX-1"}
    PoliceHold.objects.filter(pk=hold.pk).update(**refused, recorded_by=ana, recorded_at=timezone.now())
    listed(incident, ana)
    publishing.publish_outcomes()
    assert shown(report.pk) == [("being_assessed", "", 1)]
    actions.close(by=ana, incident=incident, closing=Closing.EXHAUSTED)
    publishing.publish_outcomes()

    assert shown(report.pk) == [("being_assessed", "", 1)]


def test_several_addresses_are_counted_never_named(belize: Portal, ana: User) -> None:
    report = report_of(belize, "example.org/a example.org/b example.org/c")
    first, second, _ = (sighting.incident for sighting in report.sightings.order_by("pk"))
    assessed_not_found(first, ana)
    assessed_not_found(second, ana)
    publishing.publish_outcomes()

    assert shown(report.pk) == [("received", "", 1), ("closed", "not_found", 2)]


def test_new_report_of_an_illegal_incident_gets_its_outcome_in_the_same_words(belize: Portal, ana: User) -> None:
    first = report_of(belize)
    incident = first.sightings.get().incident
    assessed_illegal(incident, ana)
    to_recipient(incident, ana, RecipientKind.HOST)
    sent(incident, ana)
    second = report_of(belize)
    publishing.publish_outcomes()

    assert shown(first.pk) == shown(second.pk) == [("notice_sent", "", 1)]


def test_nothing_is_published_on_the_day_of_the_report(belize: Portal, ana: User, settings: Any) -> None:
    settings.PUBLISH_EVERY = "day"
    now = timezone.now()
    yesterday = report_of(belize, now=now - timedelta(days=1))
    today = report_of(belize, now=now)
    incident = today.sightings.get().incident
    assert incident == yesterday.sightings.get().incident
    assessed_not_found(incident, ana)

    assert publishing.publish_outcomes(now=now) == 1
    assert (shown(yesterday.pk), shown(today.pk)) == ([("closed", "not_found", 1)], [])
    assert publishing.publish_outcomes(now=now + timedelta(days=1)) == 1
    assert shown(today.pk) == [("closed", "not_found", 1)]


@pytest.mark.parametrize(
    ("verdict", "reason", "expected"),
    [
        (Verdict.NOT_ILLEGAL, Reason.BELOW_THRESHOLD, "not_illegal"),
        (Verdict.NOT_ILLEGAL, Reason.OTHER, "not_illegal"),
        (Verdict.OUTSIDE_REMIT, Reason.OTHER, "outside_remit"),
        (Verdict.NOT_ASSESSED, Reason.PASSWORD_PROTECTED, "not_reachable"),
        (Verdict.NOT_ASSESSED, Reason.OTHER, "not_assessable"),
        (Verdict.NOT_ILLEGAL, Reason.AGE_UNCLEAR, "not_illegal"),
        (Verdict.NOT_ASSESSED, Reason.AGE_UNCLEAR, "not_assessable"),
    ],
)
def test_closed_reason_in_plain_words(
    belize: Portal, ana: User, verdict: Verdict, reason: Reason, expected: str
) -> None:
    report = report_of(belize)
    claimed(report.sightings.get().incident, ana)
    actions.assess(by=ana, incident=report.sightings.get().incident, fence=1, verdict=verdict, reason=reason)
    publishing.publish_outcomes()

    assert shown(report.pk) == [("closed", expected, 1)]


def test_verdict_on_a_sample_is_not_shown_as_one_on_the_address(belize: Portal, ana: User) -> None:
    report = report_of(belize)
    incident = report.sightings.get().incident
    Incident.objects.filter(pk=incident.pk).update(shape=b"f", flood=b"f", priority=0)
    sample = actions.draw_sample(by=ana, flood=b"f")
    record_reveal(by=ana, incident=sample.items.get().incident, reason=RevealReason.SAMPLE)
    actions.close_flood(by=ana, sample=sample, verdict=Verdict.NOT_ILLEGAL, reason=Reason.BELOW_THRESHOLD)
    publishing.publish_outcomes()

    assert shown(report.pk) == [("closed", "similar", 1)]


def test_batches_do_not_skip(belize: Portal, send: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "BATCH", 2)
    for number in range(5):
        send(belize, f"example.org/{number}")
    intake.take_in()

    assert publishing.publish_outcomes() == 5
    Incident.objects.update(unpublished=True)
    assert publishing.publish_outcomes() == 0
    assert not Incident.objects.filter(unpublished=True).exists()


def test_publishing_costs_the_same_for_one_and_for_ten(belize: Portal, django_assert_num_queries: Any) -> None:
    for number in range(10):
        incident_of(belize, f"example.org/{number}")
    with django_assert_num_queries(15):
        publishing.publish_outcomes()
    incident_of(belize, "example.org/one more")
    with django_assert_num_queries(15):
        publishing.publish_outcomes()
