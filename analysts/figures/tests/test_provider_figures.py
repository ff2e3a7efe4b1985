"""Notices that providers got, and their actions: counted by day, frozen, reported exactly, and protected for others."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from analysts.codes import Flag, Role
from analysts.codes.content_types import ContentType
from analysts.figures import closing, rollups
from analysts.figures.providers import actions as sheet_actions
from analysts.figures.providers.figures import ProviderReportRow, read_providers, report_rows
from analysts.figures.providers.sheets import exact_rows, protected_rows
from analysts.figures.snapshot import FrozenFigures, read_national
from analysts.figures.verification import verify_period
from analysts.models import DailyFigure, Notice, PeriodClose, ProviderSheet, Recipient, SheetWithdrawal, User
from analysts.takedown.notices.replies import intake as reply_intake
from analysts.tests.notices import host, mark_as_sent, planned, referred
from analysts.tests.replies import answered
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from reports.notices import NOTHING_DECIDED, AnswerKind, DecisionGround, RecipientAction, RecipientDecision
from tests.rig.fixtures import client_of, create_person

SENT = datetime(2026, 2, 10, 9, 0, tzinfo=UTC)
AFTER = datetime(2026, 4, 3, 9, 0, tzinfo=UTC)
REFUSED = RecipientDecision(RecipientAction.NO_ACTION, DecisionGround.LAW, is_automated=False, redress_told=True)
NAME, EMAIL = "Example Hosting", "abuse@example.net"


@pytest.fixture
def example(ana: User) -> Recipient:
    return host(NAME, by=ana, email=EMAIL)


def notify(portal: Portal, by: User, to: Recipient, *paths: str, flags: tuple[Flag, ...] = ()) -> Notice:
    """One notice about new illegal incidents, sent at SENT."""
    items = []
    for path in paths:
        address = f"https://{path}.example.org/a"
        referral = referred(portal, by, to, address, now=SENT - timedelta(hours=2), flags=flags)
        item = planned(referral, by=by, now=SENT - timedelta(hours=1))
        assert item is not None
        items.append(item)
    notice = items[0].notice
    mark_as_sent(notice, now=SENT)
    return notice


def reply(notice: Notice, kind: AnswerKind, hours: int, decision: RecipientDecision = NOTHING_DECIDED) -> None:
    answered(notice, kind, "Words", decision=decision, now=SENT + timedelta(hours=hours))
    assert reply_intake.take_in(now=SENT + timedelta(hours=hours)) == 1


@pytest.fixture
def close(belize: Portal, ana: User, sena: User, example: Recipient) -> PeriodClose:
    """Two addresses of one notice are refused, then removed; one of another, made by a machine, is blocked."""
    first = notify(belize, ana, example, "one", "two")
    reply(first, AnswerKind.ACKNOWLEDGED, 1)
    reply(first, AnswerKind.CONTESTED, 2, REFUSED)
    # The same action again is no other one.
    reply(first, AnswerKind.DECIDED, 3, REFUSED)
    reply(first, AnswerKind.REMOVED, 30)
    second = notify(belize, ana, host("Placeholder Networks", by=ana), "three", flags=(Flag.AI_GENERATED,))
    reply(second, AnswerKind.DECIDED, 4, RecipientDecision(RecipientAction.BLOCKED, is_automated=True))
    rollups.count_changes(now=AFTER)
    with time_machine.travel(AFTER, tick=False):
        made = closing.close_period(by=sena, period="2026Q1", now=AFTER)
        selma = create_person("selma", Role.SENIOR, belize)
        User.objects.filter(pk=selma.pk).update(unchanged_since=SENT)
        selma.refresh_from_db()
        return closing.confirm_period(by=selma, close=made, now=AFTER)


def test_report_counts_notices_and_actions_by_provider_and_type_of_content(close: PeriodClose) -> None:
    figures = closing.figures_of(close)
    none = dict.fromkeys(RecipientAction, 0)
    assert list(report_rows(figures["national"], figures["names"])) == [
        ProviderReportRow(NAME, ContentType.MATERIAL, 2, {**none, RecipientAction.REMOVED: 2}, 0),
        ProviderReportRow("Placeholder Networks", ContentType.DEEPFAKE, 1, {**none, RecipientAction.BLOCKED: 1}, 0),
    ]
    found = read_providers(figures["national"])
    assert [(each.letters, sum(each.replies.values()), each.precision) for each in found.values()] in (
        [(1, 4, 1.0), (1, 1, 1.0)],
        [(1, 1, 1.0), (1, 4, 1.0)],
    )
    assert not DailyFigure.objects.filter(dimension__startswith="prov", portal__isnull=False).exists()


ACTIONS = [*RecipientAction]


# Each after itself, and after the next one.
@pytest.mark.parametrize(
    ("first", "second"), [*zip(ACTIONS * 2, [*ACTIONS, *ACTIONS[-1:], *ACTIONS[:-1]], strict=True)]
)
def test_last_action_about_an_address_takes_the_place_of_earlier_ones(
    first: RecipientAction, second: RecipientAction, belize: Portal, ana: User, example: Recipient
) -> None:
    """Two addresses of one notice, answered twice on two days: two actions, and a refusal that was dropped is none."""
    notice = notify(belize, ana, example, "one", "two")
    reply(notice, AnswerKind.DECIDED, 1, RecipientDecision(first, DecisionGround.LAW))
    rollups.count_changes(now=SENT + timedelta(hours=2))
    reply(notice, AnswerKind.DECIDED, 72, RecipientDecision(second, DecisionGround.LAW, is_automated=True))
    rollups.count_changes(now=SENT + timedelta(hours=73))
    [numbers] = read_providers(read_national("2026Q1")).values()
    assert numbers.all_actions == {second: 2}
    assert numbers.precision == (0.0 if second == RecipientAction.NO_ACTION else 1.0)
    assert rollups.recount_all_days(last=AFTER.date()) == 0


def test_every_number_is_verified_from_the_rows_and_later_replies_move_nothing(
    close: PeriodClose, example: Recipient
) -> None:
    before = closing.figures_of(close)["national"]
    notice = Notice.objects.get(recipient=example)
    answered(notice, AnswerKind.DECIDED, decision=RecipientDecision(RecipientAction.LIMITED), now=AFTER)
    reply_intake.take_in(now=AFTER)
    Recipient.objects.filter(pk=example.pk).update(name="Another name")
    rollups.count_changes(now=AFTER + timedelta(days=1))
    call_command("verify_figures", "2026Q1")
    close.refresh_from_db()
    assert closing.figures_of(close)["national"] == before
    assert DailyFigure.objects.filter(subject="answered", dimension="all", is_month=False, day=AFTER.date()).exists()


def test_counting_again_gives_the_same_figures(close: PeriodClose) -> None:
    assert rollups.recount_all_days(last=AFTER.date()) == 0


def test_report_of_a_period_names_no_person_and_no_address(close: PeriodClose, sena: User) -> None:
    with time_machine.travel(AFTER, tick=False):
        client = client_of(sena)
        file = client.get("/admin/figures/periods/dsa.csv?period=2026Q1").content.decode()
        page = client.get("/admin/figures/periods/dsa/?period=2026Q1").content.decode()
    main = page.partition('id="content"')[2]
    assert file.splitlines()[1] == (
        "2026Q1,Example Hosting,child sexual abuse material,KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL,2,2,0,0,0,0,0"
    )
    assert "There was no statement of independence" in main
    assert NAME in main
    for secret in (EMAIL, "ana", "selma", "example.org", "Belize", "2026-02", "10 Feb"):
        assert secret not in file
    for secret in (EMAIL, "selma", "example.org", "Belize", "10 Feb"):
        assert secret not in main


def test_statement_of_independence_is_frozen_with_the_period(
    belize: Portal, sena: User, olga: User, ana: User, example: Recipient
) -> None:
    notify(belize, ana, example, "one")
    page = "/admin/figures/independence/"
    assert client_of(ana).get(page).status_code == 403
    assert client_of(olga).post(page, {"text": ""}).status_code == 422
    assert client_of(olga).post(page, {"text": "Paid by a placeholder foundation."}).status_code == 302
    assert AuditEvent.objects.get(action="figures.independence").details == {"characters": 33}
    rollups.count_changes(now=AFTER)
    with time_machine.travel(AFTER, tick=False):
        made = closing.close_period(by=sena, period="2026Q1", now=AFTER)
    sheet_actions.write_independence(by=olga, text="Another text")
    assert closing.figures_of(made)["independence"] == "Paid by a placeholder foundation."
    assert verify_period(made) == {"digest": [], "shown": [], "rows": [], "published": []}


def sheet_path(provider: Recipient) -> str:
    return f"/admin/figures/providers/{provider.pk}/"


def test_sheet_is_released_once_and_shown_protected_to_others(
    close: PeriodClose, example: Recipient, sena: User, olga: User, ana: User
) -> None:
    path, period = sheet_path(example), {"period": "2026Q1"}
    with time_machine.travel(AFTER, tick=False):
        senior, operator = client_of(sena), client_of(olga)
        assert operator.get(path, period).status_code == 404
        assert NAME not in operator.get("/admin/figures/providers/").content.decode()
        assert operator.post(f"{path}release/", period).status_code == 403
        page = senior.get(path, period).content.decode()
        # The numbers that are compared come before the button.
        assert page.index('id="numbers-title"') < page.index('id="release-title"')
        assert senior.post(f"{path}release/", period).status_code == 302
        with pytest.raises(Denied, match="already been released"):
            sheet_actions.release_sheet(by=sena, close=close, provider=example)
        exact = _numbers(senior, path)
        shown = _numbers(operator, path)
        assert NAME in operator.get("/admin/figures/providers/").content.decode()
        assert client_of(ana).get(path, period).status_code == 403
    assert (exact["notices"], exact["refused"], exact["precision"]) == ("2", "0", "100")
    assert set(shown.values()) == {""}
    assert ProviderSheet.objects.get().released_by == sena
    assert AuditEvent.objects.get(action="sheet.release").details == {"period": "2026Q1", "provider": str(example.pk)}


def test_withdrawn_sheet_says_so_with_the_day_and_shows_others_no_number(
    close: PeriodClose, example: Recipient, sena: User, olga: User
) -> None:
    path, period = sheet_path(example), {"period": "2026Q1"}
    with time_machine.travel(AFTER, tick=False):
        senior, operator = client_of(sena), client_of(olga)
        with pytest.raises(Denied, match="not released"):
            sheet_actions.withdraw_sheet(by=sena, close=close, provider=example, reason=SheetWithdrawal.DISPUTED)
        senior.post(f"{path}statement/", {**period, "text": "We answer within a day."})
        senior.post(f"{path}release/", period)
        reason = {**period, "reason": "wrong_provider"}
        assert operator.post(f"{path}withdraw/", reason).status_code == 403
        assert senior.post(f"{path}withdraw/", {**period, "reason": ""}).status_code == 422
        assert senior.post(f"{path}withdraw/", {**period, "reason": "x"}).status_code == 422
        assert senior.post(f"{path}withdraw/", reason).status_code == 302
        theirs = operator.get(path, period).content.decode()
        assert operator.get(f"{path}sheet.csv", period).status_code == 404
        listed = operator.get("/admin/figures/providers/").content.decode()
        ours = senior.get(path, period).content.decode()
    assert "This sheet was withdrawn on 3 Apr 2026." in theirs
    assert "withdrawn on 3 Apr 2026" in listed
    assert f"By {sena}: notices were counted for the wrong provider." in ours
    for hidden in ("Precision", "We answer within a day.", "wrong provider", "sheet.csv"):
        assert hidden in ours
        assert hidden not in theirs
    details = {"period": "2026Q1", "provider": str(example.pk), "reason": "wrong_provider"}
    assert AuditEvent.objects.get(action="sheet.withdraw").details == details
    sheet = sheet_actions.release_sheet(by=sena, close=close, provider=example)
    assert (sheet.is_released, sheet.withdrawn_by, sheet.withdrawal) == (True, None, "")


def _numbers(client: Client, path: str) -> dict[str, str]:
    file = client.get(f"{path}sheet.csv", {"period": "2026Q1"}).content.decode()
    return {line.split(",")[2]: line.split(",")[-2] for line in file.splitlines()[1:]}


def test_statement_of_the_provider_stands_beside_its_sheet(
    close: PeriodClose, example: Recipient, sena: User, olga: User
) -> None:
    path = sheet_path(example)
    with time_machine.travel(AFTER, tick=False):
        senior = client_of(sena)
        fields = {"period": "2026Q1", "text": "We <b>answer</b> within a day."}
        assert senior.post(f"{path}statement/", fields).status_code == 302
        assert senior.post(f"{path}statement/", {**fields, "text": "x" * 5_001}).status_code == 422
        senior.post(f"{path}release/", fields)
        page = client_of(olga).get(path, {"period": "2026Q1"}).content.decode()
    assert "We &lt;b&gt;answer&lt;/b&gt; within a day." in page
    assert AuditEvent.objects.get(action="sheet.statement").details["characters"] == 30


@pytest.mark.parametrize("period", ["2026Q2", "2026", "2026Q1x"])
def test_sheet_of_another_period_is_not_found(period: str, close: PeriodClose, example: Recipient, sena: User) -> None:
    with time_machine.travel(AFTER, tick=False):
        assert client_of(sena).get(sheet_path(example), {"period": period}).status_code == 404


def test_large_numbers_are_rounded_and_what_reveals_a_small_one_is_hidden(close: PeriodClose) -> None:
    figures = closing.figures_of(close)
    national = {
        "notified prov_type p material": 43,
        "answered prov_act p material removed law no yes": 31,
        "answered prov_act p material limited - - -": 22,
        "answered prov_act p material blocked - - -": 14,
        "answered prov_act p material account - - -": 12,
        "answered prov_act p material no_action law - -": 3,
        "removed prov_hours p 24": 21,
        "removed prov_hours p 72": 9,
    }
    made: FrozenFigures = {**figures, "national": national, "keys": dict.fromkeys(national, 100)}
    exact = {row.name: row.value for row in exact_rows(made, "p")}
    shown = {row.name: row.value for row in protected_rows(made, "p")}
    names = ("decided", "action_no_action", "precision", "median_hours")
    assert [exact[name] for name in names] == [82, 3, 96, 24]
    # The small ones, and the smallest beside one of them, without which it would follow from the sum.
    hidden = {name for name, value in shown.items() if value is None}
    assert hidden == {"letters", "notices_assisting", "notices_deepfake", "replies", "action_account"} | {
        "action_no_action",
        "refused",
        "before_notice",
        "precision",
    }
    assert (shown["median_hours"], shown["slow_hours"]) == (24, 72)
    rounded = {name: value for name, value in shown.items() if value is not None and not name.endswith("w_hours")}
    assert all(abs(value - (exact[name] or 0)) <= 5 or name.startswith("within") for name, value in rounded.items())
    assert [name for name, value in rounded.items() if value % 5 and name != "median_hours"] == []
