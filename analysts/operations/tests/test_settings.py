"""Settings that administrators decide: alone, by two, from the next day on, and within what the server allows."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.utils import timezone

from analysts.codes import Role
from analysts.models import User
from analysts.operations.editable_settings import EDITABLE, value_with_unit
from analysts.operations.setting_changes import SETTING_CHANGE, change_setting, next_day
from analysts.operations.setting_ends import end_tightened_settings
from analysts.operations.setting_rows import SettingKind, Weakens
from analysts.operations.staff_bar import read_bar
from analysts.pages import tasks
from audit.models import AuditEvent
from audit.permissions import Denied
from countries import decided_settings
from countries.decided_settings import number_in_force, renew_settings, text_in_force
from countries.models import ApprovalRequest, DecidedSetting, SettingChange
from countries.public import published
from countries.reading_hours import EXAMPLE
from countries.staff.requests.approvals import approve_request
from tests.rig.fixtures import client_of, create_person

REASON = "Agreed with the board."


def change(by: User, name: str, value: str, now: datetime | None = None) -> SettingChange | ApprovalRequest:
    made = change_setting(by=by, row=EDITABLE[name], value=value, reason=REASON, now=now)
    renew_settings()
    return made


# By setting: which change of it weakens a promise, and the values between which one administrator may tighten it.
UP, DOWN, NEITHER = 1, -1, 0
DECIDED_ALONE: dict[str, tuple[int, int, int]] = {
    "SESSION_IDLE_MINUTES": (UP, 10, 120),
    "SESSION_HOURS": (UP, 4, 12),
    "REVEAL_HOURS": (UP, 1, 12),
    "APPROVAL_DAYS": (UP, 3, 90),
    "CLAIM_MINUTES": (NEITHER, 10, 240),
    "UNDO_MINUTES": (NEITHER, 2, 60),
    "BULK_UNDO_HOURS": (DOWN, 1, 720),
    "SECOND_REVIEW_PERCENT": (DOWN, 0, 50),
    "REOPEN_DAYS": (UP, 2, 365),
    "UNASSESSED_DAYS": (UP, 2, 365),
    "SYSTEMIC_CASE_DAYS": (UP, 2, 90),
    "SEARCHES_AN_HOUR": (UP, 20, 1000),
    "BATCH_HOURS": (UP, 2, 24),
    "FILE_ADDRESSES": (UP, 50, 1000),
    "REVEALS_A_DAY": (UP, 100, 5000),
    "NOTICE_GROUP_MINUTES": (NEITHER, 0, 240),
    "CHASE_HOURS": (UP, 6, 168),
    "CHASE_ESCALATE_AFTER": (UP, 2, 60),
    "CHECK_HOURS": (UP, 6, 168),
    "GONE_CHECKS": (DOWN, 1, 5),
    "URL_LIST_REVIEW_DAYS": (UP, 7, 365),
    "REVIEW_DAYS_POLICE": (UP, 2, 90),
    "REVIEW_DAYS_RECEIPT": (UP, 1, 90),
    "REVIEW_DAYS_RECIPIENT": (UP, 2, 90),
    "REVIEW_DAYS_REPORTER": (UP, 2, 90),
    "REVIEW_DAYS_COLLEAGUE": (UP, 1, 90),
    "PRECISION_PERCENT": (DOWN, 50, 98),
    "EXPOSURE_MINUTES": (UP, 120, 300),
    "BREAK_AFTER_MINUTES": (UP, 20, 120),
    "BREAK_MINUTES": (DOWN, 1, 30),
    "VEIL_MINUTES": (UP, 3, 60),
}
# Any change of these takes two.
DECIDED_BY_TWO = {
    *("WORDS_DAYS_NOT_ACTIONED", "WORDS_DAYS_ACTIONED", "ADDRESSES_DAYS_NOT_ACTIONED", "ADDRESSES_DAYS_ACTIONED"),
    "WORK_TIME_ZONE",
    "READING_HOURS",
}


def test_every_setting_is_expected_here() -> None:
    assert EDITABLE.keys() == {*DECIDED_ALONE, *DECIDED_BY_TWO, "CUT_OFF"}
    assert {name for name, row in EDITABLE.items() if row.sane is None} == DECIDED_BY_TWO


@pytest.mark.parametrize("name", DECIDED_ALONE)
def test_number_that_weakens_or_is_beyond_its_range_takes_two(name: str) -> None:
    weaker, least, most = DECIDED_ALONE[name]
    row = EDITABLE[name]
    lowest, highest = row.bounds
    assert lowest <= least < most <= highest
    values = {lowest, least - 1, least, least + 1, (least + most) // 2, most - 1, most, most + 1, highest}
    tried = [value for value in sorted(values) if lowest <= value <= highest]
    for before in tried:
        for after in tried:
            is_weaker = (after - before) * weaker > 0
            is_beyond = after < min(least, before) or after > max(most, before)
            assert row.needs_second(str(before), str(after)) == (is_weaker or is_beyond), (before, after)
    strict = {value for value in tried if (value < least and weaker != DOWN) or (value > most and weaker != UP)}
    assert {value for value in tried if row.is_too_strict(str(value))} == strict


@pytest.mark.parametrize(
    ("before", "after", "takes_two"),
    [
        ("16:00", "12:00", False),
        ("16:00", "11:59", True),
        ("16:00", "00:00", True),
        ("11:00", "10:00", True),
        ("", "16:00", False),
        ("", "00:00", True),
        ("16:00", "16:01", True),
        ("16:00", "", True),
        ("00:00", "12:00", True),
    ],
)
def test_end_of_the_day_that_is_later_or_before_noon_takes_two(before: str, after: str, takes_two: bool) -> None:
    assert EDITABLE["CUT_OFF"].needs_second(before, after) is takes_two


@pytest.mark.parametrize("name", sorted(DECIDED_BY_TWO))
def test_any_change_of_retention_time_zone_and_reading_hours_takes_two(name: str) -> None:
    row = EDITABLE[name]
    texts = {SettingKind.ZONE: ("UTC", "Europe/London"), SettingKind.HOURS: (EXAMPLE, EXAMPLE.replace("09", "08"))}
    values = texts.get(row.kind) or tuple(map(str, row.bounds))
    assert [row.needs_second(*pair) for pair in (values, values[::-1], (values[0], values[0]))] == [True, True, False]


# Alone, each of these puts all analysts on the break page, doubles their work or stops batches.
TOO_STRICT = {"CUT_OFF": "00:00", "SECOND_REVIEW_PERCENT": "100", "FILE_ADDRESSES": "1", "EXPOSURE_MINUTES": "10"}


@pytest.mark.parametrize("name", TOO_STRICT)
def test_tightening_beyond_the_range_is_shown_with_both_persons(
    adam: User, ana: User, name: str, settings: Any
) -> None:
    settings.CUT_OFF = "16:00"
    eva, now = create_person("administrator2", Role.ADMINISTRATOR), timezone.now()
    request = change(adam, name, TOO_STRICT[name], now - timedelta(days=2))
    assert isinstance(request, ApprovalRequest)
    approve_request(SETTING_CHANGE, by=eva, request=request, now=now - timedelta(days=2))
    renew_settings()
    [tightened] = read_bar(now).tightened
    assert (tightened.name, tightened.by, tightened.approved_by, tightened.until) == (
        name,
        "adam",
        "administrator2",
        None,
    )
    page = client_of(ana).get("/admin/").text
    assert "Work is tightened:" in page
    assert "Decided by adam and administrator2," in page
    assert "until administrators change it." in page

    request = change(adam, name, "", now)
    assert isinstance(request, ApprovalRequest)
    approve_request(SETTING_CHANGE, by=eva, request=request, now=now)
    renew_settings()
    [tightened] = read_bar(now).tightened
    assert tightened.until == next_day(now)


UNTIL = date(2026, 3, 10)


def tighten(adam: User, name: str, value: str, until: date | None, now: datetime) -> None:
    request = change_setting(by=adam, row=EDITABLE[name], value=value, reason=REASON, until=until, now=now)
    assert isinstance(request, ApprovalRequest)
    adele = User.objects.filter(username="adele").first() or create_adele()
    approve_request(SETTING_CHANGE, by=adele, request=request, now=now)


@pytest.mark.parametrize("name", TOO_STRICT)
def test_tightened_value_ends_on_its_day_on_record_and_by_mail(name: str, adam: User) -> None:
    User.objects.filter(pk=adam.pk).update(email="adam@example.org")
    row, strict_value = EDITABLE[name], TOO_STRICT[name]
    monday = datetime(2026, 3, 2, 12, tzinfo=UTC)
    DecidedSetting.objects.all().delete()
    tighten(adam, name, strict_value, UNTIL, monday)
    assert AuditEvent.objects.get(action="approval.approve").details["until"] == "2026-03-10"
    setting = DecidedSetting.objects.get(pk=name)
    assert (setting.value, setting.ends_at, setting.returns_to) == (strict_value, datetime(2026, 3, 10, tzinfo=UTC), "")
    assert end_tightened_settings(now=datetime(2026, 3, 9, 23, 59, tzinfo=UTC)) == 0
    after = datetime(2026, 3, 10, 0, 0, tzinfo=UTC)
    assert (end_tightened_settings(now=after), end_tightened_settings(now=after)) == (1, 0)
    setting.refresh_from_db()
    assert (setting.value, setting.ends_at, setting.returns_to) == ("", None, "")
    event = AuditEvent.objects.latest("number")
    assert (event.action, event.actor, event.details["setting"]) == ("setting.end", "", name)
    assert event.details["changes"] == {name: {"before": strict_value, "after": row.server_value}}
    latest = SettingChange.objects.latest("pk")
    assert (latest.value, latest.previous, latest.changed_by, latest.approved_by) == ("", strict_value, adam, None)
    tasks.send_alarms(timestamp=0)
    [message] = mail.outbox
    assert message.to == ["adam@example.org"]
    assert "has its earlier value again" in message.body


def test_value_that_replaces_a_tightened_one_goes_back_to_the_value_before_both(adam: User) -> None:
    monday = datetime(2026, 3, 2, 12, tzinfo=UTC)
    change(adam, "SECOND_REVIEW_PERCENT", "20", now=monday)
    tighten(adam, "SECOND_REVIEW_PERCENT", "80", UNTIL, monday)
    tighten(adam, "SECOND_REVIEW_PERCENT", "90", date(2026, 3, 12), monday + timedelta(days=2))
    assert end_tightened_settings(now=datetime(2026, 3, 11, tzinfo=UTC)) == 0
    assert end_tightened_settings(now=datetime(2026, 3, 12, tzinfo=UTC)) == 1
    assert DecidedSetting.objects.get().value == "20"


def test_day_that_has_come_is_refused_where_it_is_asked_for_and_where_it_is_approved(adam: User) -> None:
    monday, row = datetime(2026, 3, 2, 12, tzinfo=UTC), EDITABLE["SECOND_REVIEW_PERCENT"]
    for until in (date(2026, 3, 2), date(2026, 3, 3), date(2027, 3, 5)):
        with pytest.raises(ValidationError, match="after tomorrow"):
            change_setting(by=adam, row=row, value="80", reason=REASON, until=until, now=monday)
    request = change_setting(by=adam, row=row, value="80", reason=REASON, until=date(2026, 3, 4), now=monday)
    assert isinstance(request, ApprovalRequest)
    adele = create_adele()
    with pytest.raises(Denied, match="has come"):
        approve_request(SETTING_CHANGE, by=adele, request=request, now=monday + timedelta(days=1))


def test_page_asks_for_the_end_where_a_value_can_be_too_strict(adam: User) -> None:
    client = client_of(adam)
    for name, row in EDITABLE.items():
        page = client.get(f"/admin/operations/settings/{name}/").content.decode()
        weakens, least, most = DECIDED_ALONE.get(name, (NEITHER, 0, 10**6))
        smallest, largest = (0, 0) if name in DECIDED_BY_TWO or name == "CUT_OFF" else row.bounds
        is_asked = (smallest < least and weakens != DOWN) or (largest > most and weakens != UP) or name == "CUT_OFF"
        assert ('name="until"' in page) == is_asked, name


def test_page_keeps_the_day_and_every_page_shows_it(adam: User) -> None:
    client, path = client_of(adam), "/admin/operations/settings/SECOND_REVIEW_PERCENT/"
    typed = {"value": "80", "reason": REASON, "until": "2020-01-01"}
    refused = client.post(path, typed)
    assert (refused.status_code, 'value="2020-01-01"' in refused.content.decode()) == (422, True)
    until = timezone.now().date() + timedelta(days=7)
    assert client.post(path, typed | {"until": until.isoformat()}).status_code == 302
    request = ApprovalRequest.objects.get()
    assert request.payload["until"] == until.isoformat()
    text = f"{until:%-d %b %Y}"
    assert text in client.get(f"/admin/approvals/{request.pk}/").content.decode()
    approve_request(SETTING_CHANGE, by=create_adele(), request=request)
    assert f"Until {text}, then" in " ".join(client.get(path).content.decode().split())
    DecidedSetting.objects.update(effective_at=timezone.now())
    SettingChange.objects.update(changed_at=timezone.now(), effective_at=timezone.now())
    renew_settings()
    assert f"until {text}." in " ".join(client.get("/admin/").content.decode().split())


def create_adele() -> User:
    """The second administrator, from before the request."""
    adele = create_person("adele", Role.ADMINISTRATOR)
    User.objects.filter(pk=adele.pk).update(unchanged_since=datetime(2026, 1, 1, tzinfo=UTC))
    return User.objects.get(pk=adele.pk)


def test_ordinary_tightening_is_no_line_of_every_page(adam: User, ana: User) -> None:
    assert isinstance(change(adam, "BREAK_MINUTES", "20"), SettingChange)
    assert read_bar(timezone.now()).tightened == ()
    assert "Work is tightened:" not in client_of(ana).get("/admin/").text


@pytest.fixture
def strict(settings: Any) -> None:
    """Each setting at the value of the server that promises most."""
    settings.CUT_OFF, settings.WORK_TIME_ZONE = "16:00", "UTC"
    for row in EDITABLE.values():
        if row.kind is SettingKind.NUMBER:
            setattr(settings, row.name, row.bounds[1] if row.weakens is Weakens.LESS else row.bounds[0])


def test_every_setting_has_bounds_and_is_read_by_its_kind() -> None:
    for row in EDITABLE.values():
        if row.kind is SettingKind.NUMBER:
            least, most = row.bounds
            assert least <= number_in_force(row.name) <= most
        else:
            assert text_in_force(row.name) == row.server_value


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("NOTICE_GROUP_MINUTES", "1", "1 minute"),
        ("BATCH_HOURS", "8", "8 hours"),
        ("WORDS_DAYS_ACTIONED", "1", "1 day"),
        ("SECOND_REVIEW_PERCENT", "10", "10 percent"),
        ("CHASE_ESCALATE_AFTER", "7", "7"),
        ("CUT_OFF", "16:00", "16:00"),
    ],
)
def test_value_is_counted_in_its_unit(name: str, value: str, words: str) -> None:
    assert value_with_unit(EDITABLE[name], value) == words


@pytest.mark.usefixtures("strict")
def test_change_that_takes_two_is_a_request_and_changes_nothing(adam: User) -> None:
    for name, (weaker, _least, _most) in DECIDED_ALONE.items():
        if weaker:
            lowest, highest = EDITABLE[name].bounds
            assert isinstance(change(adam, name, str(highest if weaker == UP else lowest)), ApprovalRequest)
            assert str(text_in_force(name)) == EDITABLE[name].server_value
    # Neither row says more than that the server's own value is in force.
    assert not SettingChange.objects.exists()


@pytest.mark.usefixtures("strict")
def test_stronger_value_is_in_force_at_once(adam: User) -> None:
    # The same value as now, then a stricter one: a longer break.
    change(adam, "CLAIM_MINUTES", "45")
    assert number_in_force("CLAIM_MINUTES") == 45
    event = AuditEvent.objects.latest("number")
    assert (event.action, event.actor) == ("setting.change", "adam")
    assert event.details == {
        "setting": "CLAIM_MINUTES",
        "changes": {"CLAIM_MINUTES": {"before": "5", "after": "45"}},
    }
    assert SettingChange.objects.get().reason == REASON


def test_two_administrators_change_retention_from_the_next_day_on(adam: User) -> None:
    eva = create_person("administrator2", Role.ADMINISTRATOR)
    now, before = timezone.now(), number_in_force("WORDS_DAYS_ACTIONED")
    for value in (before - 1, before + 1):
        request = change(adam, "WORDS_DAYS_ACTIONED", str(value), now)
        assert isinstance(request, ApprovalRequest)
        with pytest.raises(Denied):
            approve_request(SETTING_CHANGE, by=adam, request=request, now=now)
        later = now + timedelta(minutes=1)
        approve_request(SETTING_CHANGE, by=eva, request=request, now=later)
        renew_settings()
        assert number_in_force("WORDS_DAYS_ACTIONED") == before
        made = SettingChange.objects.latest("pk")
        assert (made.changed_by, made.approved_by) == (adam, eva)
        assert made.effective_at == next_day(later)
        assert decided_settings.DecidedValue(made.value, made.effective_at, made.previous).at(next_day(later)) == str(
            value
        )


def test_next_day_begins_in_utc() -> None:
    assert next_day(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)
    assert next_day(datetime(2027, 1, 1, tzinfo=UTC)) == datetime(2027, 1, 2, tzinfo=UTC)


def test_request_whose_setting_changed_since_is_not_approved(adam: User) -> None:
    eva = create_person("administrator2", Role.ADMINISTRATOR)
    request = change(adam, "SESSION_HOURS", "12")
    assert isinstance(request, ApprovalRequest)
    with pytest.raises(Denied):
        change(eva, "SESSION_HOURS", "11")
    change(eva, "SESSION_HOURS", "4")
    with pytest.raises(Denied):
        approve_request(SETTING_CHANGE, by=eva, request=request)
    assert number_in_force("SESSION_HOURS") == 4


@pytest.mark.parametrize("value", ["0", "481", "-5", "5.5", "٣٠", "5 minutes", "1" * 39, "True"])
def test_value_that_the_server_would_refuse_is_refused(adam: User, value: str) -> None:
    with pytest.raises(ValidationError):
        change(adam, "CLAIM_MINUTES", value)
    assert not DecidedSetting.objects.exists()


def test_only_administrators_change_settings(ana: User) -> None:
    with pytest.raises(Denied):
        change(ana, "CLAIM_MINUTES", "45")


def test_public_pages_show_the_decided_retention(adam: User) -> None:
    first = published.portals_by_slug()
    DecidedSetting.objects.create(name="WORDS_DAYS_ACTIONED", value="77", effective_at=timezone.now())
    published.clear_cache()
    assert published.portals_by_slug() is not first
    assert number_in_force("WORDS_DAYS_ACTIONED") == 77


def test_value_of_a_page_is_changed_and_kept_when_it_is_refused(adam: User) -> None:
    client, page = client_of(adam), "/admin/operations/settings/CLAIM_MINUTES/"
    refused = client.post(page, {"value": "9999", "reason": REASON})
    assert refused.status_code == 422
    assert 'value="9999"' in refused.text
    assert "Enter a whole number from 5 to 480." in refused.text
    assert client.post(page, {"value": "45", "reason": ""}).status_code == 422
    assert client.post(page, {"value": "45", "reason": REASON}).status_code == 302
    renew_settings()
    shown = client.get(page).text
    assert "45 minutes" in shown
    assert REASON in shown
    assert client.get("/admin/operations/settings/SECRET_KEY/").status_code == 404


def test_waiting_change_is_named_and_approved_on_its_page(adam: User) -> None:
    change(adam, "CHASE_HOURS", "168")
    client = client_of(create_person("administrator2", Role.ADMINISTRATOR))
    listed = client.get("/admin/operations/settings/").text
    request = ApprovalRequest.objects.get()
    assert f"/admin/approvals/{request.pk}/" in listed
    page = client.get(f"/admin/approvals/{request.pk}/").text
    assert "168 hours" in page
    assert "The host is reminded every" in page


def test_while_the_database_is_away_the_last_values_stay(adam: User, monkeypatch: pytest.MonkeyPatch) -> None:
    change(adam, "CLAIM_MINUTES", "45")
    decided_settings.forget_settings()
    monkeypatch.setattr(decided_settings, "renew_settings", _fail)
    assert number_in_force("CLAIM_MINUTES") == 45


def _fail() -> int:
    raise OperationalError
