"""Floods: the first few are queued as usual, the rest form one group at the end; nothing is lost or merged."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analysts.assessment import actions
from analysts.assessment.flood import folding as floods
from analysts.assessment.intake import run as intake
from analysts.codes import FoldReason
from analysts.incidents import contents
from analysts.incidents.contents import opening
from analysts.incidents.priority import PriorityReason
from analysts.models import Alarm, AlarmKind, Incident, Report, User
from analysts.pages import tasks
from analysts.states import State
from analysts.tests.factories import assessed_illegal, assessed_not_found, claimed, incident_of, report_of
from audit.models import AuditEvent
from audit.permissions import Late
from countries.models import Portal
from reports import receipts, sealing
from tests.rig.fixtures import client_of, send_report
from tests.rig.public_pages import roll_back_afterwards

QUEUE = "/admin/queue/"
DANGER = {"facts": ["child_in_danger"]}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Low limits keep the tests fast."""
    monkeypatch.setattr(floods, "ALIKE", 3)
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


def waiting_floods() -> list[bytes]:
    """The floods of the queue, in its order."""
    with connection.cursor() as cursor:
        cursor.execute(f"{floods.with_known_floods(floods.MOST_GROUPS)} SELECT flood FROM known ORDER BY place, flood")
        return [bytes(flood) for (flood,) in cursor.fetchall()]


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
        (lambda number: f"https://a{number}.flood.example/{'x' * number}{number}x", 3),
        (lambda number: f"https://flood{number}.example/album", 3),
        (lambda number: f"I saw it in group {number}!", 3),
    ],
    ids=["numbers", "sites", "words"],
)
def test_flood_is_recognised_by_what_it_shares(belize: Portal, address: Callable[[int], str], kept: int) -> None:
    flood(belize, 12, address)

    assert (Incident.objects.apart().count(), folded()) == (kept, 12 - kept)
    assert len(waiting_floods()) == 1


DIFFERENT: list[tuple[str, str, dict[str, Any]]] = [
    ("bz", "https://flood.example/album/summer", {}),
    ("bz", "https://flood.example/album/summer/77", {}),
    ("bz", "https://flood.example/album/77?view=large", {}),
    ("bz", "https://flood.example/album", {}),
    ("bz", "https://flood.example:8443/album/77", {}),
    ("bz", "https://real.flood.example/album/77", {}),
    ("bz", "https://flood.example/", {}),
    ("bz", "It is in album 77 of flood.", {}),
    ("zm", "https://flood.example/album/77", {}),
    ("bz", "https://flood.example/album/77", {"language": "es"}),
    ("bz", "https://flood.example/album/77", {"details": {"description": "An album that was shared in a group."}}),
    ("bz", "https://flood.example/album/77", {"details": {"found_on": "https://forum.example/thread"}}),
    ("bz", "https://flood.example/album/77", {"details": {"seen_on": "yesterday"}}),
    ("bz", "https://flood.example/album/77", {"details": {"facts": ["live_stream"]}}),
    ("bz", "https://flood.example/album/77", {"details": {"facts": ["login_needed"]}}),
    ("bz", "https://flood.example/album/77", {"details": DANGER}),
]


@pytest.mark.parametrize("details", [None, {"description": "It is on page {}."}], ids=["bare", "details"])
def test_incident_that_differs_from_the_flood_keeps_its_own_priority(
    belize: Portal, zambia: Portal, details: dict[str, str] | None
) -> None:
    """Each beside the same flood, compared with an incident of before."""
    portals = {"bz": belize, "zm": zambia}
    alone = []
    for portal, address, sent in DIFFERENT:
        with roll_back_afterwards():
            alone.append(incident_of(portals[portal], address.replace("flood", "alone"), **sent))
    for number in range(5):
        said = details and {name: text.format(number) for name, text in details.items()}
        send_report(belize, f"https://flood.example/album/{number}", details=said)
    intake.take_in()
    assert folded() == 2
    for (portal, address, sent), other in zip(DIFFERENT, alone, strict=True):
        with roll_back_afterwards():
            real = incident_of(portals[portal], address, **sent)
            assert (real.priority, real.priority_reasons) == (other.priority, other.priority_reasons), address
            assert not real.flood, address


def test_invented_pages_fold_no_other_page_of_the_site_on_any_portal(belize: Portal, zambia: Portal) -> None:
    flood(belize, 12, lambda number: f"https://site.example/{'abcdefghijklmnop'[number] * 4}")
    later = [incident_of(portal, f"https://site.example/{portal.slug}/page") for portal in (belize, zambia)]

    assert [incident.priority > 0 for incident in later] == [True, True]
    assert folded() == 0


def test_numbers_alone_are_no_pattern(belize: Portal) -> None:
    flood(belize, 6, lambda number: f"+260 97 555 01{number:02}")

    assert folded() == 0


def test_details_sent_later_take_an_incident_out_of_the_flood(belize: Portal) -> None:
    flood(belize, 4)
    code = send_report(belize, "https://flood.example/album/1000")
    intake.take_in()
    assert folded() == 2
    send_report(belize, "https://flood.example/album/1000", code=code, details={"description": "Seen in a group."})
    intake.take_in()

    assert folded() == 1
    assert Incident.objects.get(sightings__report=receipts.derive_credentials(code).receipt_id).priority > 0


def test_details_that_are_alike_too_are_a_flood_again(belize: Portal) -> None:
    codes = [send_report(belize, f"https://flood.example/album/{number}") for number in range(12)]
    intake.take_in()
    assert folded() == 9
    for number, code in enumerate(codes):
        address = f"https://flood.example/album/{number}"
        send_report(belize, address, code=code, details={"description": f"Look at {number}."})
        intake.take_in()

    assert (Incident.objects.count(), folded()) == (12, 6)


def test_report_from_another_portal_takes_its_incident_out_of_the_flood(belize: Portal, zambia: Portal) -> None:
    flood(belize, 6)
    again = opening.unseal_address(Incident.objects.alike().order_by("pk")[0])
    assert again is not None
    report_of(belize, again.normalised)
    assert folded() == 3
    report = report_of(zambia, again.normalised)

    assert folded() == 2
    assert Incident.objects.get(sightings__report=report).priority > 0


def test_different_reports_are_no_flood(belize: Portal) -> None:
    flood(belize, 12, lambda number: f"https://{'abcdefghijklmnop'[number]}{'x' * number}.example/album")

    assert folded() == 0


def test_one_report_of_many_pages_is_no_flood(belize: Portal) -> None:
    report_of(belize, "\n".join(f"https://site.example/album/{number}" for number in range(20)))
    report_of(belize, "\n".join(f"https://site.example/album/{number}" for number in range(20, 30)))

    assert folded() == 0


def test_few_reports_of_very_many_pages_are_a_flood(belize: Portal) -> None:
    for first in (0, 15):
        report_of(belize, "\n".join(f"https://flood.example/album/{number}" for number in range(first, first + 15)))
    assert folded() == 0
    report_of(belize, "\n".join(f"https://flood.example/album/{number}" for number in range(30, 40)))

    assert (Incident.objects.apart().count(), folded()) == (30, 10)


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
    real = opening.unseal_address(Incident.objects.apart().get(sightings__report=report))
    assert real is not None
    assert real.normalised == "https://real.example/page"


def test_unreadable_envelopes_are_never_folded(belize: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Any) -> None:
        raise sealing.UnsealError

    monkeypatch.setattr(contents, "intake_payload", fail)
    flood(belize, 6)

    assert folded() == 0


def test_first_few_in_danger_stand_on_top_and_the_flood_does_not(belize: Portal, settings: Any) -> None:
    settings.ALERT_EMAILS = ["duty@example.org"]
    flood(belize, 12, details=DANGER)

    assert Incident.objects.filter(priority=10).count() == 3
    assert Incident.objects.in_danger().apart().count() == 3
    # The tick is kept nevertheless.
    assert Incident.objects.in_danger().alike().count() == 9
    assert Alarm.objects.filter(kind=AlarmKind.DANGER).exists()


def test_danger_reports_within_a_larger_flood_are_prioritised(belize: Portal) -> None:
    flood(belize, 8)
    flood(belize, 5, lambda number: f"https://flood.example/album/100{number}", details=DANGER)

    in_danger = Incident.objects.in_danger().apart()
    assert (in_danger.count(), folded()) == (3, 5 + 2)
    assert {incident.priority for incident in in_danger} == {10}


def test_true_danger_behind_forged_ticks_is_never_silent(belize: Portal, ana: User, settings: Any) -> None:
    settings.ALERT_EMAILS = ["duty@example.org"]
    flood(belize, 5)
    flood(belize, 3, lambda number: f"https://flood.example/album/100{number}", details=DANGER)
    Alarm.objects.all().delete()
    flood(belize, 5, lambda number: f"https://deluge.example/page/{number}")
    true = incident_of(belize, "https://flood.example/album/7777", details=DANGER)

    assert (true.priority, true.child_in_danger) == (0, True)
    assert PriorityReason.CHILD_IN_DANGER in true.priority_reasons
    # The danger alert is raised, and counts it separately from incidents at the top.
    assert Alarm.objects.filter(kind=AlarmKind.DANGER).exists()
    tasks.send_alarms(timestamp=0)
    assert "according to reports: 3 incidents" in mail.outbox[0].body
    assert "similar reports: 1 says that a child is in danger" in mail.outbox[0].body
    # The row of its flood comes first among the groups, counts it and links to it.
    client = client_of(ana)
    page = client.get(QUEUE).content.decode()
    assert listed(ana)[-3] == str(true)
    assert "Reports of a child in danger among these: 1" in " ".join(page.split())
    assert page.count("Reports of a child in danger among these") == 1
    link = re.search(r"\?view=danger&amp;like=([0-9a-f-]{36})", page)
    assert link is not None
    assert listed(ana, view="danger", like=link[1]) == [str(true)]
    # The danger view lists it too, after those at the top.
    assert (len(listed(ana, view="danger")), listed(ana, view="danger")[-1]) == (4, str(true))
    words = " ".join(re.sub(r"<[^>]+>", " ", client.get("/admin/").content.decode()).split())
    assert "A child may be in danger 4" in words


def test_ticks_within_a_flood_raise_one_mail_until_they_are_looked_at(belize: Portal, ana: User, settings: Any) -> None:
    settings.ALERT_EMAILS = ["duty@example.org"]
    flood(belize, 6, details=DANGER)
    Alarm.objects.all().delete()
    flood(belize, 3, lambda number: f"https://flood.example/album/100{number}", details=DANGER)
    assert not Alarm.objects.exists()
    for incident in Incident.objects.in_danger().alike():
        assessed_not_found(incident, ana)
    flood(belize, 3, lambda number: f"https://flood.example/album/200{number}", details=DANGER)

    assert Alarm.objects.filter(kind=AlarmKind.DANGER).exists()


def test_flood_with_danger_is_listed_first_among_many_floods(belize: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    for site in ("flood", "deluge", "torrent", "tide"):
        flood(belize, 4, f"https://{site}.example/page/{{}}".format)
    last = waiting_floods()[-1]
    Incident.objects.alike().filter(flood=last).update(child_in_danger=True)
    monkeypatch.setattr(floods, "MOST_GROUPS", 2)

    assert waiting_floods()[0] == last
    assert len(waiting_floods()) == 2


def test_decided_incident_of_a_flood_is_put_back_into_it_where_the_tick_is_not_believed(
    belize: Portal, ana: User
) -> None:
    flood(belize, 8, details=DANGER)
    incident = Incident.objects.alike().order_by("pk")[0]
    assessed_not_found(incident, ana)
    assert not Incident.objects.get(pk=incident.pk).child_in_danger
    again = opening.unseal_address(incident)
    assert again is not None
    report_of(belize, again.normalised, details=DANGER)

    incident.refresh_from_db()
    assert (incident.state, incident.priority, incident.child_in_danger) == (State.WAITING, 0, True)


def test_later_danger_report_removes_incident_from_flood(belize: Portal) -> None:
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
    with django_assert_num_queries(14):
        client.get(QUEUE)
    flood(belize, 20)
    flood(belize, 20, lambda number: f"https://deluge.example/page/{number}", details=DANGER)
    with django_assert_num_queries(14):
        client.get(QUEUE)


def test_intake_of_a_report_costs_the_same_queries_late_in_a_flood(belize: Portal) -> None:
    def queries(number: int) -> int:
        send_report(belize, f"https://flood.example/album/{number}")
        with CaptureQueriesContext(connection) as asked:
            assert intake.take_in() == 1
        return len(asked)

    counts = [queries(number) for number in range(12)]
    assert len(set(counts[4:])) == 1
    # Once the flood is recognised, its site is looked up too.
    assert counts[-1] <= counts[0] + 1


def test_dashboard_counts_a_flood_apart(belize: Portal, ana: User) -> None:
    flood(belize, 10)
    page = client_of(ana).get("/admin/").content.decode()

    assert "High 0 Other 3 Similar reports 7" in " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert 'href="/admin/queue/?view=alike"' in page


def test_site_with_an_illegal_verdict_is_never_folded_without_a_person(belize: Portal, ana: User) -> None:
    assessed_illegal(incident_of(belize, "https://flood.example/known"), ana)
    flood(belize, 10)

    assert folded() == 0
    assert set(Incident.objects.waiting().values_list("priority", flat=True)) == {4}


def test_site_that_is_reviewed_again_after_an_illegal_verdict_is_not_folded(belize: Portal, ana: User) -> None:
    assessment = assessed_illegal(incident_of(belize, "https://flood.example/known"), ana)
    actions.reopen(by=ana, incident=assessment.incident)
    flood(belize, 10)

    assert folded() == 0


def test_site_is_illegal_by_a_verdict_or_while_one_is_reviewed_again(belize: Portal, ana: User) -> None:
    illegal = assessed_illegal(incident_of(belize, "https://flood.example/known"), ana).incident
    other = incident_of(belize, "https://other.example/waiting")
    again = {"severity": "", "state": State.WAITING, "round": 2}

    def is_illegal(incident: Incident, **values: Any) -> bool:
        with transaction.atomic(), connection.cursor() as cursor:
            Incident.objects.filter(pk=incident.pk).update(**values)
            site = values.get("site_fingerprint", incident.site_fingerprint)
            cursor.execute("SELECT analysts_has_illegal_verdict(%s)", [bytes(site)])
            [[answer]] = cursor.fetchall()
            transaction.set_rollback(True)
        return bool(answer)

    assert is_illegal(illegal)
    assert is_illegal(illegal, **again)
    assert not is_illegal(illegal, **again | {"round": 1})
    assert not is_illegal(illegal, severity="")
    # Not for incidents without a site, of another one, or that were never found illegal.
    assert not is_illegal(illegal, site_fingerprint=b"")
    assert not is_illegal(illegal, **again, site_fingerprint=b"")
    assert not is_illegal(other)
    assert not is_illegal(other, round=2)


def test_illegal_verdict_unfolds_what_waits_of_its_site(belize: Portal, ana: User, sena: User) -> None:
    flood(belize, 8)
    flood(belize, 5, lambda number: f"https://deluge.example/page/{number}")
    held = claimed(Incident.objects.alike().filter(shape=the_largest_flood())[0], sena)
    known = incident_of(belize, "https://flood.example/known")
    assert folded() == 5 + 2
    assessed_illegal(known, ana)

    assert folded() == 2
    of_site = Incident.objects.filter(site_fingerprint=known.site_fingerprint).exclude(pk=known.pk)
    assert {incident.priority for incident in of_site.filter(flood=b"") if incident.priority > 1} == {4}
    assert Incident.objects.get(pk=held.pk).priority == 4


def the_largest_flood() -> bytes:
    counted = Incident.objects.alike().values_list("flood").annotate(number=Count("pk")).order_by("-number")
    return bytes(counted[0][0])


def test_incident_that_was_locked_during_the_verdict_is_unfolded_by_the_next_intake(belize: Portal) -> None:
    flood(belize, 5)
    Incident.objects.filter(pk=Incident.objects.apart()[0].pk).update(severity="C")
    assert folded() == 2
    intake.take_in()

    assert folded() == 0


def test_database_refuses_to_fold_beyond_the_pattern_or_an_illegal_site(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, "https://site.example/page")
    row = Incident.objects.filter(pk=incident.pk)

    def refused_by(flood: bytes) -> str:
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            row.update(flood=flood, priority=0)
        diagnostics: Any = refused.value.__cause__
        return str(diagnostics.diag.constraint_name)

    assert refused_by(bytes(incident.site_fingerprint)) == "incident_flood_of_its_pattern"
    known = assessed_illegal(incident_of(belize, "https://site.example/known"), ana).incident
    assert refused_by(bytes(incident.shape)) == "incident_flood_of_illegal_site"
    # Its verdict is being reviewed again.
    actions.reopen(by=ana, incident=known)
    assert refused_by(bytes(incident.shape)) == "incident_flood_of_illegal_site"


def test_analyst_folds_a_site_by_hand_and_unfolds_it(belize: Portal, zambia: Portal, ana: User, sena: User) -> None:
    known = incident_of(belize, "https://site.example/known")
    assessed_illegal(known, ana)
    pages = [incident_of(belize, f"https://site.example/{'abcdefgh'[number] * 4}") for number in range(6)]
    danger = incident_of(belize, "https://site.example/danger", details=DANGER)
    held = claimed(pages[0], sena)
    before = set(Incident.objects.exclude(pk=pages[1].pk).values_list("pk", "priority", "flood"))
    with pytest.raises(Late):
        actions.fold_flood(by=ana, incident=pages[1], reason=FoldReason.INVENTED, number=6)
    folding = actions.fold_flood(by=ana, incident=pages[1], reason=FoldReason.INVENTED, number=5)

    assert set(Incident.objects.alike()) == set(pages[1:])
    assert {*Incident.objects.alike().values_list("flood", "priority")} == {(folding.flood, 0)}
    [event] = AuditEvent.objects.filter(action="flood.fold")
    assert event.details == {"count": 5, "reason": "invented"}
    # It is a decision about what waited then: nothing later is folded, and intake does not unfold it.
    later = incident_of(belize, "https://site.example/iiii")
    assert (later.priority, folded()) == (4, 5)
    assert Incident.objects.get(pk=danger.pk).priority == Incident.objects.get(pk=held.pk).priority + 6 == 10
    # A page that is reported from elsewhere is no longer what was folded.
    report_of(zambia, "https://site.example/bbbb")
    assert folded() == 4
    assert actions.unfold_flood(by=ana, flood=bytes(folding.flood)) == 4
    assert before <= set(Incident.objects.values_list("pk", "priority", "flood"))
