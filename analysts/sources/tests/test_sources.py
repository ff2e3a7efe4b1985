"""Partners' systems as sources: what their reports become, when they are read, and what the partner learns of them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from analysts.assessment import publishing
from analysts.assessment.actions import claims
from analysts.assessment.actions.questions import ask_reporter
from analysts.assessment.flood import folding
from analysts.assessment.intake.run import take_in
from analysts.assessment.queue import dispatch
from analysts.codes import Closing, Role
from analysts.figures import rollups
from analysts.models import DailyFigure, FigureSubject, Incident, PortalHour, Report, User
from analysts.sources import actions, standing
from analysts.tests.chases import found_gone
from analysts.tests.factories import assessed_cleared, assessed_illegal, claimed, incident_of, report_of
from audit.permissions import Denied, Late
from countries import api_keys
from countries.models import Portal, Source, SourceKey
from reports.models import SourceDay, SourceItem, SourceRequest, the_hour
from reports.sources import storing
from reports.sources.items import ReportItem
from tests.rig.fixtures import client_of, create_person

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def source(belize: Portal) -> Source:
    return Source.objects.create(name="Example Platform", kind="platform", portal=belize, quota=1000)


def sent_by(source: Source, *addresses: str, **fields: Any) -> list[Report]:
    """A report of each address, taken in."""
    secret = api_keys.make_secret(actions.MARK)
    today = timezone.now().date()
    SourceKey.objects.create(
        source=source,
        prefix=api_keys.prefix_of(secret),
        digest=api_keys.hash_secret(secret),
        opened_on=today,
        expires_on=today + DAY,
    )
    holder = storing.find_source(f"Bearer {secret}")
    assert holder is not None
    items = [
        ReportItem(external_reference=f"{secret[-8:].strip('-')}-{place}", addresses=[address], **fields)
        for place, address in enumerate(addresses)
    ]
    answers = storing.store_items(holder, items, request_key="1", body=b"", now=timezone.now())
    assert {answer["outcome"] for answer in answers} == {"accepted"}
    before = set(Report.objects.values_list("pk", flat=True))
    while take_in():
        pass
    return list(Report.objects.exclude(pk__in=before).order_by("sightings__incident__pk"))


def incident_in(report: Report) -> Incident:
    return Incident.objects.get(sightings__report=report)


def is_closed(report: Report) -> bool:
    return SourceItem.objects.get(pk=report.pk).is_closed


# --- Keys ---------------------------------------------------------------------------------------------


def test_key_is_shown_once_to_the_second_person_and_closed_by_one(belize: Portal, olga: User, sena: User) -> None:
    otto = create_person("otto", Role.OPERATOR)
    client, second = client_of(olga), client_of(otto)
    details = {"name": "Example Platform", "kind": "platform", "portal": belize.pk}
    page = client.post("/admin/sources/", details)["Location"]
    until = timezone.now().date() + 30 * DAY
    approval = client.post(page, {"quota": 7, "expires_on": until, "reason": "Agreed."})["Location"]
    assert not SourceKey.objects.exists()
    # One request waits at a time: the page leads to it, and offers no second.
    assert [mark in client.get(page).content.decode() for mark in (approval, 'id="request-key"')] == [True, False]
    assert f"{until.day} {until:%B %Y}" in second.get(approval).content.decode()
    shown = second.post(f"{approval}approve/").content.decode()
    key = SourceKey.objects.get()
    assert (key.source.quota, key.expires_on) == (7, until)
    secret = shown.split('id="source-key"')[1].split(">")[1].split("<")[0]
    assert bytes(key.digest) == api_keys.hash_secret(secret)
    assert secret not in client.get(page).content.decode() + second.get(approval).content.decode()
    assert storing.find_source(f"Bearer {secret}") is not None
    client_of(sena).post(f"/admin/sources/keys/{key.pk}/close/")
    assert storing.find_source(f"Bearer {secret}") is None
    with pytest.raises(Late):
        actions.close_key(by=sena, key=key)


def test_seniors_see_the_share_and_operators_do_not(source: Source, olga: User, sena: User) -> None:
    Source.objects.update(decided=31, actionable=17, is_late=True)
    for path in ("/admin/sources/", f"/admin/sources/{source.pk}/"):
        for user, sees in ((sena, True), (olga, False)):
            page = client_of(user).get(path).content.decode()
            assert ("17 of 31" in page, "comes later in the queue" in page) == (sees, sees)
            assert ('id="add-source"' in page or 'id="request-key"' in page) == (user == olga)


@pytest.mark.parametrize("days", [0, 367])
def test_key_is_valid_for_a_year_at_most(source: Source, olga: User, days: int) -> None:
    expires_on = timezone.now().date() + days * DAY
    with pytest.raises(Denied):
        actions.request_key(by=olga, source=source, quota=1, expires_on=expires_on, reason="")


# --- Intake -------------------------------------------------------------------------------------------


def test_danger_marks_fall_under_the_rules_against_floods(source: Source, settings: Any) -> None:
    number = folding.ALIKE + folding.IN_DANGER + 15
    sent_by(source, *(f"https://example.org/p/{place}" for place in range(number)), danger=True)
    assert Incident.objects.filter(child_in_danger=True).count() == number
    raised = Incident.objects.in_danger().apart().count()
    assert folding.IN_DANGER <= raised <= folding.ALIKE + folding.IN_DANGER < number


def test_report_of_a_source_raises_no_alarm_about_volume_and_is_counted_apart(source: Source, belize: Portal) -> None:
    report_of(belize)
    sent_by(source, "https://a.example.org/", "https://b.example.org/")
    assert sum(PortalHour.objects.values_list("reports", flat=True)) == 1
    rollups.count_changes(now=timezone.now() + DAY)
    figures = DailyFigure.objects.filter(dimension="all", portal=belize, is_month=False)
    numbers = dict(figures.values_list("subject", "number"))
    assert (numbers[FigureSubject.REPORTS], numbers[FigureSubject.FROM_SOURCES]) == (1, 2)
    kinds = DailyFigure.objects.filter(dimension="source", portal=belize).values_list("value", flat=True)
    assert {*kinds} == {"platform"}


def test_nobody_is_asked_through_the_receipt_of_a_source(source: Source, ana: User) -> None:
    [report] = sent_by(source, "https://a.example.org/")
    with pytest.raises(Denied, match="Ask the partner"):
        ask_reporter(by=ana, report=report, incident=incident_in(report), question="Where?")


# --- Below the set share ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decided", "actionable", "is_late"), [(19, 0, False), (20, 1, True), (20, 2, False), (100, 9, True)]
)
def test_share_below_the_set_one_makes_a_source_late(
    source: Source, monkeypatch: pytest.MonkeyPatch, ana: User, decided: int, actionable: int, is_late: bool
) -> None:
    reports = sent_by(source, *(f"https://host-{place}.example.org/" for place in range(decided + 1)))
    pks = [incident_in(report).pk for report in reports]
    closed = {"state": "closed", "closing": Closing.NOT_ACTIONED, "closed_on": timezone.now().date()}
    Incident.objects.filter(pk__in=pks[:decided]).update(**closed)
    Incident.objects.filter(pk__in=pks[:actionable]).update(severity="A")
    standing.count_sources(now=timezone.now())
    source.refresh_from_db()
    assert (source.decided, source.actionable, source.is_late) == (decided, actionable, is_late)
    standing.count_sources(now=timezone.now() + standing.SINCE + DAY)
    source.refresh_from_db()
    assert (source.decided, source.is_late) == (0, False)


def next_in_queue(user: User, now: datetime) -> Incident | None:
    return dispatch.lock_next_candidate(user, portal=None, now=now)


def test_report_of_a_late_source_comes_later_and_by_a_date(
    source: Source, belize: Portal, ana: User, settings: Any
) -> None:
    Source.objects.update(is_late=True)
    source.refresh_from_db()
    now, later_by = timezone.now(), timedelta(days=settings.SOURCE_LATER_DAYS)
    [late] = map(incident_in, sent_by(source, "https://late.example.org/"))
    assert late.waiting_since == the_hour(now) + later_by
    soon = incident_of(belize, "https://soon.example.org/")
    assert next_in_queue(ana, now) == soon
    # Reports that arrive after the date come after it.
    Incident.objects.filter(pk=soon.pk).update(waiting_since=late.waiting_since + HOUR)
    assert next_in_queue(ana, now) == late
    page = client_of(ana).get("/admin/queue/").content.decode()
    assert "comes later, from" in page


def test_danger_and_other_reports_do_not_come_later(source: Source, belize: Portal) -> None:
    Source.objects.update(is_late=True)
    source.refresh_from_db()
    hour = the_hour(timezone.now())
    [danger] = map(incident_in, sent_by(source, "https://danger.example.org/", danger=True))
    assert (danger.waiting_since, danger.priority) == (hour, 10)
    [late] = map(incident_in, sent_by(source, "https://late.example.org/"))
    sent_by(source, "https://late.example.org/")
    late.refresh_from_db()
    assert late.waiting_since > hour
    report_of(belize, "https://late.example.org/")
    late.refresh_from_db()
    assert late.waiting_since == hour
    [other] = map(incident_in, sent_by(source, "https://other.example.org/"))
    sent_by(source, "https://other.example.org/", danger=True)
    other.refresh_from_db()
    assert (other.waiting_since, other.priority) == (hour, 10)


# --- What the partner learns --------------------------------------------------------------------------


def test_known_and_unknown_addresses_show_the_same_for_days(
    source: Source, belize: Portal, ana: User, settings: Any
) -> None:
    """Until a decision is made since, they look alike in each batch of the days that follow."""
    settings.PUBLISH_EVERY = "day"
    before = timezone.now() - 30 * DAY
    places = {name: f"https://{name}.example.org/" for name in ("cleared", "takedown", "gone", "waiting", "unknown")}
    known = {name: incident_of(belize, places[name], now=before) for name in list(places)[:4]}
    assessed_cleared(known["cleared"], ana, now=before + HOUR)
    assessed_illegal(known["takedown"], ana, now=before + HOUR)
    assessed_illegal(known["gone"], ana, now=before + HOUR)
    found_gone(known["gone"], ana, now=before + 2 * HOUR)
    reports = {name: sent_by(source, address)[0] for name, address in places.items()}
    now = timezone.now()
    for days in range(1, 12):
        publishing.publish_outcomes(now=now + days * DAY)
        assert not any(is_closed(report) for report in reports.values())
    decided = now + 12 * DAY
    for name in ("unknown", "waiting"):
        assessed_cleared(incident_in(reports[name]), ana, now=decided)
    found_gone(known["takedown"], ana, now=decided)
    publishing.publish_outcomes(now=decided + DAY)
    assert {name for name, report in reports.items() if is_closed(report)} >= {"unknown", "waiting"}
    assert not is_closed(reports["cleared"]) or incident_in(reports["cleared"]).round > 1


def test_report_is_closed_with_the_last_of_its_addresses_and_stays_so(source: Source, ana: User, settings: Any) -> None:
    settings.PUBLISH_EVERY = "minute"
    [report] = sent_by(source, "https://a.example.org/")
    now = timezone.now() + 2 * HOUR
    incident = incident_in(report)
    held = claimed(incident, ana, now=now)
    publishing.publish_outcomes(now=now)
    assert not is_closed(report)
    claims.release(by=ana, incident=held, fence=held.fence, now=now)
    assessed_cleared(incident, ana, now=now + HOUR)
    publishing.publish_outcomes(now=now + HOUR)
    assert is_closed(report)
    Incident.objects.filter(pk=incident.pk).update(unpublished=True, state="waiting", closing="", closed_on=None)
    publishing.publish_outcomes(now=now + 2 * HOUR)
    assert is_closed(report)


def test_what_only_repeats_need_is_deleted(source: Source) -> None:
    [report] = sent_by(source, "https://a.example.org/")
    now = timezone.now()
    standing.forget_requests(now=now + standing.REQUESTS_KEPT)
    assert SourceRequest.objects.exists()
    standing.forget_requests(now=now + standing.REQUESTS_KEPT + DAY)
    assert [SourceRequest.objects.exists(), SourceDay.objects.exists()] == [False, False]
    assert SourceItem.objects.get(pk=report.pk).digest is not None
    standing.forget_requests(now=now + standing.ITEMS_COMPARED + DAY)
    assert SourceItem.objects.get(pk=report.pk).digest is None
