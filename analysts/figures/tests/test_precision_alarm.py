"""The alarm about providers that refuse many notices as not illegal: when, to whom, how often, and at which cost."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine

from analysts.accounts.alarms import send_due_alarms
from analysts.codes import Role
from analysts.codes.content_types import ContentType
from analysts.codes.recipient_actions import is_refusal
from analysts.figures import rollups
from analysts.figures.providers import precision
from analysts.figures.providers.precision import DAYS, LEAST_DECIDED, imprecise_providers, note_imprecise_providers
from analysts.figures.tests.test_provider_figures import notify, reply
from analysts.models import Alarm, AlarmKind, DailyFigure, FigureDimension, FigureSubject, Recipient, User
from analysts.operations.operations_items import all_items, read_state
from analysts.pages.tasks import ALARMS
from analysts.tests.notices import host
from countries.models import Portal
from reports.notices import AnswerKind, DecisionGround, RecipientAction, RecipientDecision
from tests.rig.fixtures import client_of, create_person

TODAY = date(2026, 2, 20)
NAME = "Example Hosting"
REFUSAL, REMOVAL = "no_action law - -", "removed - - -"


@pytest.fixture
def example(ana: User) -> Recipient:
    return host(NAME, by=ana)


@pytest.fixture
def warned(sena: User, olga: User, ana: User, axel: User) -> list[str]:
    """The addresses of a senior analyst and an operator; others have one as well."""
    for person in (sena, olga, ana, axel):
        User.objects.filter(pk=person.pk).update(email=f"{person.username}@hotline.example")
    return ["olga@hotline.example", "sena@hotline.example"]


def count(provider: Recipient, number: int, action: str, day: date = TODAY) -> None:
    if number:
        DailyFigure.objects.create(
            day=day,
            subject=FigureSubject.ANSWERED,
            dimension=FigureDimension.PROVIDER_ACTION,
            value=f"{provider.pk} {ContentType.MATERIAL} {action}",
            number=number,
            key=0,
        )
        rollups.fold_month(day.replace(day=1))


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


@pytest.mark.parametrize("percent", [90, 80])
@pytest.mark.parametrize(
    ("decided", "refused", "least_percent"),
    [
        (LEAST_DECIDED - 1, LEAST_DECIDED - 1, 0),
        (LEAST_DECIDED, 0, 0),
        (LEAST_DECIDED, 2, 0),
        (LEAST_DECIDED, 3, 90),
        (LEAST_DECIDED, LEAST_DECIDED, 80),
        (100, 10, 0),
        (100, 11, 90),
        (100, 20, 90),
        (100, 21, 80),
    ],
)
def test_provider_is_imprecise_below_the_setting(
    example: Recipient, settings: Any, percent: int, decided: int, refused: int, least_percent: int
) -> None:
    """`least_percent`: the smallest of the two settings below which it is; 0: neither."""
    settings.PRECISION_PERCENT = percent
    count(example, refused, REFUSAL)
    count(example, decided - refused, REMOVAL)
    assert bool(imprecise_providers(TODAY)) is bool(least_percent and percent >= least_percent)


@pytest.mark.parametrize("days", [0, 1, 31, DAYS, DAYS + 1, 400])
def test_only_decisions_of_the_last_days_count(example: Recipient, days: int) -> None:
    count(example, LEAST_DECIDED, REFUSAL, TODAY - timedelta(days=days))
    assert bool(imprecise_providers(TODAY)) is (days <= DAYS)


@pytest.mark.parametrize("ground", [None, *DecisionGround])
@pytest.mark.parametrize("action", RecipientAction)
def test_refusals_are_counted_from_the_replies(
    belize: Portal,
    ana: User,
    example: Recipient,
    monkeypatch: pytest.MonkeyPatch,
    action: RecipientAction,
    ground: DecisionGround | None,
) -> None:
    monkeypatch.setattr(precision, "LEAST_DECIDED", 1)
    reply(notify(belize, ana, example, "one"), AnswerKind.DECIDED, 1, RecipientDecision(action, ground))
    rollups.count_changes(now=noon(TODAY))
    assert bool(imprecise_providers(TODAY)) is is_refusal(action, ground or "")


def test_alarm_is_raised_once_a_quarter(example: Recipient, warned: list[str]) -> None:
    for day in (TODAY, date(2026, 4, 20)):
        count(example, LEAST_DECIDED, REFUSAL, day)
    days = [TODAY, TODAY + timedelta(days=1), date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 30)]
    assert [note_imprecise_providers(now=noon(day)) for day in days] == [1, 0, 0, 1, 0]
    assert Alarm.objects.get().raised == 2


def test_seniors_and_operators_get_a_mail_without_names(
    belize: Portal, example: Recipient, warned: list[str], mailoutbox: Any
) -> None:
    count(example, LEAST_DECIDED, REFUSAL)
    with time_machine.travel(noon(TODAY), tick=False):
        note_imprecise_providers()
        assert send_due_alarms(ALARMS) == 1
    assert sorted(address for mail in mailoutbox for address in mail.to) == warned
    for mail in mailoutbox:
        assert "1 provider refuses many of our notices as not illegal" in mail.body
        text = f"{mail.subject} {mail.body}".lower()
        names = [NAME, str(example.pk), *User.objects.values_list("username", flat=True), belize.name]
        assert [name for name in names if name.lower() in text] == []


def test_dashboard_and_health_show_it_until_it_is_over(
    belize: Portal, example: Recipient, petra: User, settings: Any
) -> None:
    count(example, LEAST_DECIDED, REFUSAL)
    people = {role: create_person(f"{role.value}-person", role, belize) for role in Role if role != Role.RECIPIENT}

    def readers() -> set[Role]:
        pages = {role: client_of(person).get("/admin/") for role, person in people.items()}
        return {role for role, page in pages.items() if NAME in page.content.decode()}

    def is_late() -> bool:
        return {item.name: item for item in all_items(read_state(noon(TODAY)))}["precision"].is_late

    with time_machine.travel(noon(TODAY), tick=False):
        assert (readers(), is_late()) == (set(), False)
        note_imprecise_providers()
        assert (readers(), is_late()) == ({Role.SENIOR, Role.OPERATOR}, True)
        # Later decisions take it above the setting: nothing is left to do, and the mail is moot.
        count(example, 100 * LEAST_DECIDED, REMOVAL)
        assert (readers(), is_late()) == (set(), False)
        assert precision.write_refusals_mail() is None
    assert AlarmKind.REFUSALS in ALARMS


def test_cost_does_not_grow_with_history(example: Recipient, django_assert_num_queries: Any) -> None:
    for months in range(40):
        count(example, LEAST_DECIDED, REFUSAL, date(2026 - months // 12, 12 - months % 12, 1))
    with django_assert_num_queries(1):
        assert imprecise_providers(date(2026, 12, 2)) == [example.pk]
