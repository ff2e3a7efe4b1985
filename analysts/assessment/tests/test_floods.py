"""Floods: the first few are queued as usual, the rest form one group at the end; nothing is lost or merged."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from analysts.assessment import actions, floods, intake
from analysts.incidents import contents
from analysts.incidents.priority import PriorityReason
from analysts.models import Incident, Report, User
from analysts.pages import tasks
from analysts.states import State
from analysts.tests.factories import assessed_not_found, claimed, incident_of, report_of
from countries.models import Portal
from reports import sealing
from tests.rig.fixtures import client_of, send_report

QUEUE = "/admin/queue/"
DANGER = {"facts": ["child_in_danger"]}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Low limits keep the tests fast."""
    monkeypatch.setattr(floods, "ALIKE", 3)
    monkeypatch.setattr(floods, "OF_A_SITE", 6)
    monkeypatch.setattr(floods, "IN_DANGER", 2)


def flood(
    portal: Portal,
    count: int,
    address: Callable[[int], str] = lambda number: f"https://flood.example/album/{number}",
    *,
    now: datetime | None = None,
    **sent: Any,
) -> None:
    for number in range(count):
        send_report(portal, address(number), now=now, **sent)
    while intake.take_in(now=now):
        pass


def folded() -> int:
    return Incident.objects.alike().count()


def listed(user: User, **filters: str) -> list[str]:
    page = client_of(user).get(QUEUE, filters).content.decode()
    return re.findall(r"data-row>([0-9a-f]{8})<", page)


def test_first_few_keep_their_priority_and_the_rest_is_last(belize: Portal, ana: User) -> None:
    words = incident_of(belize, "no address at all", now=timezone.now())
    flood(belize, 10)
    late = incident_of(belize, "https://other.example/1")

    assert (Incident.objects.apart().count(), folded()) == (1 + 3 + 1, 7)
    reasons = {tuple(reasons) for reasons in Incident.objects.alike().values_list("priority_reasons", flat=True)}
    assert reasons == {(PriorityReason.ALIKE, PriorityReason.OPEN_WEB)}
    order = list(Incident.objects.waiting().in_order())
    # All other incidents precede the flood, including those received after it.
    assert {words, late} <= set(order[:5])
    assert all(incident.priority == 0 for incident in order[5:])
    taken = [actions.claim_next(by=ana) for _ in range(5)]
    assert {words, late} <= set(taken)


def test_every_report_of_a_flood_is_there(belize: Portal) -> None:
    flood(belize, 10)

    assert (Report.objects.count(), Incident.objects.count()) == (10, 10)
    assert all(report.sightings.count() == 1 for report in Report.objects.all())


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        (lambda number: f"https://a{number}.flood.example/{'x' * number}{number}", 3),
        (lambda number: f"https://flood{number}.example/album", 3),
        (lambda number: f"I saw it in group {number}!", 3),
        # Different paths: similar by site only.
        (lambda number: f"https://flood.example/{'abcdefghijklmnop'[number] * 4}", 6),
    ],
    ids=["numbers", "sites", "words", "paths"],
)
def test_flood_is_recognised_by_what_it_shares(belize: Portal, address: Callable[[int], str], kept: int) -> None:
    flood(belize, 12, address)

    assert (Incident.objects.apart().count(), folded()) == (kept, 12 - kept)
    assert len(floods.waiting_floods()) == 1


def test_different_reports_are_no_flood(belize: Portal) -> None:
    flood(belize, 12, lambda number: f"https://{'abcdefghijklmnop'[number]}{'x' * number}.example/album")

    assert folded() == 0


def test_one_report_of_many_pages_is_no_flood(belize: Portal) -> None:
    report_of(belize, "\n".join(f"https://site.example/album/{number}" for number in range(20)))
    report_of(belize, "\n".join(f"https://site.example/album/{number}" for number in range(20, 30)))

    assert folded() == 0


@pytest.mark.parametrize(
    ("address", "reports", "kept"),
    [
        (lambda number: f"https://flood.example/album/{number}", 2, 30),
        # Different paths: similar by site only.
        (lambda number: f"https://flood.example/{chr(97 + number // 10) * 4}{chr(97 + number % 10) * 4}", 4, 60),
    ],
    ids=["shape", "site"],
)
def test_few_reports_of_very_many_pages_are_a_flood(
    belize: Portal, address: Callable[[int], str], reports: int, kept: int
) -> None:
    size = kept // reports
    for first in range(0, kept, size):
        report_of(belize, "\n".join(address(number) for number in range(first, first + size)))
    assert folded() == 0
    report_of(belize, "\n".join(address(number) for number in range(kept, kept + 10)))

    assert (Incident.objects.apart().count(), folded()) == (kept, 10)


def test_same_address_again_is_the_same_incident(belize: Portal) -> None:
    flood(belize, 10, lambda number: "https://site.example/album/1")

    (incident,) = Incident.objects.all()
    assert (incident.sightings.count(), incident.priority > 0) == (10, True)


def test_slow_reports_of_one_site_are_no_flood(belize: Portal) -> None:
    start = timezone.now() - timedelta(days=3)
    for number in range(8):
        report_of(belize, f"https://site.example/album/{number}", now=start + timedelta(hours=4 * number))

    assert folded() == 0


def test_flood_ends_when_it_ends(belize: Portal) -> None:
    now = timezone.now()
    flood(belize, 6, now=now - timedelta(hours=10))
    assert folded() == 3
    later = incident_of(belize, "https://flood.example/album/1000", now=now)

    assert later.priority > 0


def test_flood_of_one_portal_is_none_of_another(belize: Portal, zambia: Portal) -> None:
    flood(belize, 5)
    assert incident_of(zambia, "https://flood.example/album/1000").priority > 0


def test_real_address_in_a_report_of_the_flood_is_not_folded(belize: Portal) -> None:
    flood(belize, 6)
    report = report_of(belize, "https://flood.example/album/1000\nhttps://real.example/page")

    assert folded() == 4
    real = contents.unseal_address(Incident.objects.apart().get(sightings__report=report))
    assert real is not None
    assert real.normalised == "https://real.example/page"


def test_envelopes_nobody_can_read_are_never_folded(belize: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Any) -> None:
        raise sealing.UnsealError

    monkeypatch.setattr(contents, "unseal_payload", fail)
    flood(belize, 6)

    assert folded() == 0


def test_first_few_in_danger_stand_on_top_and_the_flood_does_not(belize: Portal, settings: Any) -> None:
    settings.ALERT_EMAILS = ["duty@example.org"]
    flood(belize, 12, details=DANGER)

    assert Incident.objects.filter(priority=10).count() == 3
    assert Incident.objects.in_danger().apart().count() == 3
    # The tick is kept nevertheless.
    assert Incident.objects.in_danger().alike().count() == 9
    assert ProcrastinateJob.objects.filter(status="todo").count() == 1


def test_danger_told_within_a_flood_of_others_is_believed(belize: Portal) -> None:
    flood(belize, 8)
    flood(belize, 5, lambda number: f"https://flood.example/album/100{number}", details=DANGER)

    in_danger = Incident.objects.in_danger().apart()
    assert (in_danger.count(), folded()) == (2, 5 + 3)
    assert {incident.priority for incident in in_danger} == {10}


def test_true_danger_behind_forged_ticks_is_never_silent(belize: Portal, ana: User, settings: Any) -> None:
    settings.ALERT_EMAILS = ["duty@example.org"]
    flood(belize, 5)
    flood(belize, 2, lambda number: f"https://flood.example/album/100{number}", details=DANGER)
    ProcrastinateJob.objects.all().delete()
    flood(belize, 5, lambda number: f"https://deluge.example/page/{number}")
    true = incident_of(belize, "https://flood.example/album/7777", details=DANGER)

    assert (true.priority, true.child_in_danger) == (0, True)
    assert PriorityReason.CHILD_IN_DANGER in true.priority_reasons
    # The danger alert is ordered, and counts it separately from incidents at the top.
    assert ProcrastinateJob.objects.filter(status="todo").count() == 1
    tasks.send_alarms(timestamp=0)
    assert "according to reports: 2 incidents" in mail.outbox[0].body
    assert "similar reports: 1 says that a child is in danger" in mail.outbox[0].body
    # The row of its flood comes first among the groups, counts it and links to it.
    client = client_of(ana)
    page = client.get(QUEUE).content.decode()
    groups = page[page.index("Show all 2 similar reports") - 2000 :]
    assert listed(ana)[-2] == str(true)
    assert "Reports of a child in danger among these: 1" in " ".join(groups.split())
    assert page.count("Reports of a child in danger among these") == 1
    link = re.search(r"\?view=danger&amp;like=([0-9a-f-]{36})", page)
    assert link is not None
    assert listed(ana, view="danger", like=link[1]) == [str(true)]
    # The danger view lists it too, after those at the top.
    assert (len(listed(ana, view="danger")), listed(ana, view="danger")[-1]) == (3, str(true))
    words = " ".join(re.sub(r"<[^>]+>", " ", client.get("/admin/").content.decode()).split())
    assert "A child may be in danger 3" in words


def test_ticks_within_a_flood_order_one_mail_until_they_are_looked_at(belize: Portal, ana: User, settings: Any) -> None:
    settings.ALERT_EMAILS = ["duty@example.org"]
    flood(belize, 6, details=DANGER)
    ProcrastinateJob.objects.all().delete()
    flood(belize, 3, lambda number: f"https://flood.example/album/100{number}", details=DANGER)
    assert not ProcrastinateJob.objects.exists()
    for incident in Incident.objects.in_danger().alike():
        assessed_not_found(incident, ana)
    flood(belize, 3, lambda number: f"https://flood.example/album/200{number}", details=DANGER)

    assert ProcrastinateJob.objects.filter(status="todo").count() == 1


def test_flood_that_tells_of_danger_is_shown_whatever_others_there_are(
    belize: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for site in ("flood", "deluge", "torrent", "tide"):
        flood(belize, 4, f"https://{site}.example/page/{{}}".format)
    last = floods.waiting_floods()[-1]
    Incident.objects.alike().filter(flood=last).update(child_in_danger=True)
    monkeypatch.setattr(floods, "MOST_GROUPS", 2)

    assert floods.waiting_floods()[0] == last
    assert len(floods.waiting_floods()) == 2


def test_decided_incident_of_a_flood_is_put_back_into_it_where_the_tick_is_not_believed(
    belize: Portal, ana: User
) -> None:
    flood(belize, 8, details=DANGER)
    incident = Incident.objects.alike().order_by("pk")[0]
    assessed_not_found(incident, ana)
    assert not Incident.objects.get(pk=incident.pk).child_in_danger
    again = contents.unseal_address(incident)
    assert again is not None
    report_of(belize, again.normalised, details=DANGER)

    incident.refresh_from_db()
    assert (incident.state, incident.priority, incident.child_in_danger) == (State.WAITING, 0, True)


def test_danger_told_later_takes_an_incident_out_of_the_flood(belize: Portal) -> None:
    flood(belize, 4)
    code = send_report(belize, "https://flood.example/album/1000")
    intake.take_in()
    send_report(belize, "https://flood.example/album/1000", code=code, details=DANGER)
    intake.take_in()

    assert Incident.objects.in_danger().get().priority == 10


def test_queue_shows_a_flood_as_one_row_that_opens(belize: Portal, ana: User) -> None:
    flood(belize, 10)
    page = client_of(ana).get(QUEUE).content.decode()
    rows = listed(ana)

    assert len(rows) == 3 + 1
    assert "Show all 7 similar reports" in " ".join(page.split())
    like = re.search(r"\?like=([0-9a-f-]{36})", page)
    assert like is not None
    opened = listed(ana, like=like[1])
    assert len(opened) == 7
    assert rows[-1] in opened
    assert set(rows[:3]).isdisjoint(opened)
    assert listed(ana, view="alike") == opened


def test_two_floods_are_two_rows(belize: Portal, ana: User) -> None:
    flood(belize, 5)
    flood(belize, 5, lambda number: f"https://deluge.example/page/{number}")

    page = client_of(ana).get(QUEUE).content.decode()
    assert page.count("Show all") == 2
    assert len(listed(ana)) == 3 + 3 + 2


def test_flood_is_shown_on_its_portal_alone(belize: Portal, zambia: Portal, ana: User, ben: User) -> None:
    flood(belize, 6)
    member = Incident.objects.alike().first()
    assert member is not None

    assert listed(ben) == listed(ben, like=str(member.pk)) == listed(ben, view="alike") == []
    assert "Show all" not in client_of(ben).get(QUEUE).content.decode()
    # A report to Zambia names one of the addresses, so Ben sees that incident as well.
    report_of(zambia, "https://flood.example/album/5")
    shared = Incident.objects.get(sightings__portal=zambia)
    assert listed(ben) == [str(shared)]


def test_filters_narrow_a_flood_down_too(belize: Portal, zambia: Portal, sena: User) -> None:
    flood(belize, 6)

    assert len(listed(sena, portal="bz")) == 4
    assert listed(sena, portal="zm") == listed(sena, kind="words") == []
    assert len(listed(sena, priority="1")) == 3


def test_nonsense_to_be_like_shows_the_queue(belize: Portal, ana: User) -> None:
    flood(belize, 6)
    apart = str(Incident.objects.apart().values_list("pk", flat=True)[0])

    assert len(listed(ana, like="nonsense")) == 4
    assert listed(ana, like=apart) == []


def test_any_of_a_flood_can_be_claimed_and_goes_on_like_any_other(belize: Portal, ana: User) -> None:
    flood(belize, 6)
    incident = Incident.objects.alike().order_by("pk")[1]
    held = claimed(incident, ana)
    assert "Show all 2 similar reports" in " ".join(client_of(ana).get(QUEUE).content.decode().split())
    actions.release(by=ana, incident=held, fence=held.fence)
    assert folded() == 3
    assessed_not_found(incident, ana)
    incident = actions.reopen(by=ana, incident=incident)

    assert (incident.state, bytes(incident.flood), incident.priority > 0) == (State.WAITING, b"", True)


def test_flood_is_claimed_last_and_is_claimed(belize: Portal, ana: User) -> None:
    flood(belize, 5)
    claims = [actions.claim_next(by=ana) for _ in range(6)]

    assert [claim and claim.priority > 0 for claim in claims] == [True, True, True, False, False, None]


@pytest.mark.usefixtures("sessions_noted_later")
def test_queue_asks_as_many_queries_for_a_large_flood_as_for_a_small_one(
    belize: Portal, ana: User, django_assert_num_queries: Any
) -> None:
    client = client_of(ana)
    flood(belize, 4)
    with django_assert_num_queries(23):
        client.get(QUEUE)
    flood(belize, 20)
    flood(belize, 20, lambda number: f"https://deluge.example/page/{number}", details=DANGER)
    with django_assert_num_queries(23):
        client.get(QUEUE)


def test_intake_of_a_report_costs_the_same_queries_late_in_a_flood(belize: Portal) -> None:
    def queries(number: int) -> int:
        send_report(belize, f"https://flood.example/album/{number}")
        with CaptureQueriesContext(connection) as asked:
            assert intake.take_in() == 1
        return len(asked)

    counts = [queries(number) for number in range(12)]
    assert len(set(counts[4:])) == 1
    # Once the flood is recognised, a report needs fewer queries than before.
    assert counts[-1] < counts[0]


def test_dashboard_counts_a_flood_apart(belize: Portal, ana: User) -> None:
    flood(belize, 10)
    page = client_of(ana).get("/admin/").content.decode()

    assert "High 0 Other 3 Similar reports 7" in " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert 'href="/admin/queue/?view=alike"' in page
