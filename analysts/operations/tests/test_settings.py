"""Settings that administrators decide: alone, by two, from the next day on, and within what the server allows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.utils import timezone

from analysts.codes import Role
from analysts.models import User
from analysts.operations.editable_settings import (
    EDITABLE,
    EditableSetting,
    SettingKind,
    Weakens,
    value_with_unit,
)
from analysts.operations.setting_changes import SETTING_CHANGE, change_setting, next_day
from audit.models import AuditEvent
from audit.permissions import Denied
from countries import decided_settings
from countries.decided_settings import number_in_force, renew_settings, text_in_force
from countries.models import ApprovalRequest, DecidedSetting, SettingChange
from countries.public import published
from countries.staff.requests.approvals import approve_request
from tests.rig.fixtures import client_of, create_person

REASON = "Agreed with the board."


def change(by: User, name: str, value: str, now: datetime | None = None) -> SettingChange | ApprovalRequest:
    made = change_setting(by=by, row=EDITABLE[name], value=value, reason=REASON, now=now)
    renew_settings()
    return made


def a_weaker_value(row: EditableSetting) -> str | None:
    """A value that the setting may have and that weakens a promise; None where no value does."""
    match row.kind, row.weakens:
        case SettingKind.ZONE, _:
            return "Europe/London"
        case SettingKind.TIME, _:
            return "23:59"
        case _, Weakens.NEVER:
            return None
        case _, Weakens.LESS:
            return str(row.bounds[0])
        case _, _:
            return str(row.bounds[1])


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
def test_every_weaker_value_needs_a_second_administrator(adam: User) -> None:
    asked = {}
    for row in EDITABLE.values():
        value = a_weaker_value(row)
        if value is not None:
            asked[row.name] = isinstance(change(adam, row.name, value), ApprovalRequest)
            assert str(text_in_force(row.name)) == row.server_value
    assert [name for name, is_request in asked.items() if not is_request] == []
    assert len(asked) > 25
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
    change(eva, "SESSION_HOURS", "1")
    with pytest.raises(Denied):
        approve_request(SETTING_CHANGE, by=eva, request=request)
    assert number_in_force("SESSION_HOURS") == 1


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
