"""The settings that administrators decide on a page, each with what a change of it means.

The least and greatest value are those that `portal_site/settings.py` allows in the environment.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.incidents.counted_time import count_days, count_hours, count_minutes
from analysts.operations.setting_rows import EditableSetting, SettingKind, Weakens


@dataclass(frozen=True, slots=True)
class SettingGroup:
    """Settings under one heading of the page."""

    label: str | Promise
    rows: tuple[EditableSetting, ...]


MINUTES, HOURS, DAYS = gettext_lazy("minutes"), gettext_lazy("hours"), gettext_lazy("days")
PERCENT = gettext_lazy("percent")

SETTING_GROUPS = (
    SettingGroup(
        gettext_lazy("Signing in and requests"),
        (
            EditableSetting(
                "SESSION_IDLE_MINUTES",
                gettext_lazy("Signed out without a request after"),
                Weakens.MORE,
                MINUTES,
                sane=(10, 120),
            ),
            EditableSetting(
                "SESSION_HOURS", gettext_lazy("Signed out in any case after"), Weakens.MORE, HOURS, sane=(4, 12)
            ),
            EditableSetting(
                "REVEAL_HOURS",
                gettext_lazy("Identity proved again before revealing after"),
                Weakens.MORE,
                HOURS,
                sane=(1, 12),
            ),
            EditableSetting(
                "APPROVAL_DAYS", gettext_lazy("Approval requests expire after"), Weakens.MORE, DAYS, sane=(3, 90)
            ),
        ),
    ),
    SettingGroup(
        gettext_lazy("Assessment"),
        (
            EditableSetting("CLAIM_MINUTES", gettext_lazy("A claim lasts"), unit=MINUTES, sane=(10, 240)),
            EditableSetting("UNDO_MINUTES", gettext_lazy("A decision can be undone for"), unit=MINUTES, sane=(2, 60)),
            EditableSetting(
                "BULK_UNDO_HOURS", gettext_lazy("A bulk closing can be undone for"), Weakens.LESS, HOURS, sane=(1, 720)
            ),
            EditableSetting(
                "SECOND_REVIEW_PERCENT",
                gettext_lazy("Share of verdicts with a second review"),
                Weakens.LESS,
                PERCENT,
                sane=(0, 50),
            ),
            EditableSetting(
                "REOPEN_DAYS",
                gettext_lazy("Reported again: reopened at most once in"),
                Weakens.MORE,
                DAYS,
                sane=(2, 365),
            ),
            EditableSetting(
                "UNASSESSED_DAYS",
                gettext_lazy("Waiting incidents are overdue after"),
                Weakens.MORE,
                DAYS,
                sane=(2, 365),
            ),
            EditableSetting(
                "SYSTEMIC_CASE_DAYS",
                gettext_lazy("Systemic cases are answered within"),
                Weakens.MORE,
                DAYS,
                sane=(2, 90),
            ),
            EditableSetting(
                "SEARCHES_AN_HOUR", gettext_lazy("Searches of one analyst in an hour"), Weakens.MORE, sane=(20, 1000)
            ),
            EditableSetting(
                "READING_HOURS",
                gettext_lazy("Reports are read, as public pages say"),
                Weakens.EITHER,
                kind=SettingKind.HOURS,
            ),
            EditableSetting(
                "BATCH_HOURS",
                gettext_lazy("A batch may stay on the workstation for"),
                Weakens.MORE,
                HOURS,
                sane=(2, 24),
            ),
            EditableSetting(
                "FILE_ADDRESSES",
                gettext_lazy("Addresses in files and copies of one person a day"),
                Weakens.MORE,
                sane=(50, 1000),
            ),
            EditableSetting(
                "REVEALS_A_DAY",
                gettext_lazy("Alarm if one person reveals more addresses a day than"),
                Weakens.MORE,
                sane=(100, 5000),
            ),
        ),
    ),
    SettingGroup(
        gettext_lazy("Takedown"),
        (
            EditableSetting(
                "NOTICE_GROUP_MINUTES",
                gettext_lazy("Addresses for one recipient are collected for"),
                unit=MINUTES,
                sane=(0, 240),
            ),
            EditableSetting(
                "CHASE_HOURS", gettext_lazy("The host is reminded every"), Weakens.MORE, HOURS, sane=(6, 168)
            ),
            EditableSetting(
                "CHASE_ESCALATE_AFTER",
                gettext_lazy("Reminders before an escalation is proposed"),
                Weakens.MORE,
                sane=(2, 60),
            ),
            EditableSetting(
                "CHECK_HOURS", gettext_lazy("Availability is checked every"), Weakens.MORE, HOURS, sane=(6, 168)
            ),
            EditableSetting(
                "GONE_CHECKS", gettext_lazy("Checks in a row that must find content removed"), Weakens.LESS, sane=(1, 5)
            ),
            EditableSetting(
                "URL_LIST_REVIEW_DAYS",
                gettext_lazy("Entries of the URL list are reviewed every"),
                Weakens.MORE,
                DAYS,
                sane=(7, 365),
            ),
            EditableSetting(
                "REVIEW_DAYS_POLICE",
                gettext_lazy("Waiting for the police: reviewed after"),
                Weakens.MORE,
                DAYS,
                sane=(2, 90),
            ),
            EditableSetting(
                "REVIEW_DAYS_RECEIPT",
                gettext_lazy("Waiting for a confirmation of receipt: reviewed after"),
                Weakens.MORE,
                DAYS,
                sane=(1, 90),
            ),
            EditableSetting(
                "REVIEW_DAYS_RECIPIENT",
                gettext_lazy("Waiting for a recipient: reviewed after"),
                Weakens.MORE,
                DAYS,
                sane=(2, 90),
            ),
            EditableSetting(
                "REVIEW_DAYS_REPORTER",
                gettext_lazy("Waiting for the reporter: reviewed after"),
                Weakens.MORE,
                DAYS,
                sane=(2, 90),
            ),
            EditableSetting(
                "REVIEW_DAYS_COLLEAGUE",
                gettext_lazy("Waiting for a colleague: reviewed after"),
                Weakens.MORE,
                DAYS,
                sane=(1, 90),
            ),
            EditableSetting(
                "PRECISION_PERCENT",
                gettext_lazy("Alarm if a provider accepts less of the addresses that it decides about than"),
                Weakens.LESS,
                PERCENT,
                sane=(50, 98),
            ),
        ),
    ),
    SettingGroup(
        gettext_lazy("Protection of analysts"),
        (
            EditableSetting(
                "EXPOSURE_MINUTES",
                gettext_lazy("Revealed material a day, at most"),
                Weakens.MORE,
                MINUTES,
                sane=(120, 300),
            ),
            EditableSetting(
                "BREAK_AFTER_MINUTES", gettext_lazy("A break is due after"), Weakens.MORE, MINUTES, sane=(20, 120)
            ),
            EditableSetting("BREAK_MINUTES", gettext_lazy("A break lasts"), Weakens.LESS, MINUTES, sane=(1, 30)),
            EditableSetting(
                "VEIL_MINUTES",
                gettext_lazy("Masked again without a request after"),
                Weakens.MORE,
                MINUTES,
                sane=(3, 60),
            ),
            # From noon on.
            EditableSetting(
                "CUT_OFF", gettext_lazy("No new work after"), Weakens.MORE, kind=SettingKind.TIME, sane=(720, 1440)
            ),
            EditableSetting(
                "WORK_TIME_ZONE", gettext_lazy("Time zone of the analysts"), Weakens.EITHER, kind=SettingKind.ZONE
            ),
        ),
    ),
    SettingGroup(
        gettext_lazy("Retention"),
        (
            EditableSetting(
                "WORDS_DAYS_NOT_ACTIONED", gettext_lazy("Words, nothing to act on: kept for"), Weakens.EITHER, DAYS
            ),
            EditableSetting("WORDS_DAYS_ACTIONED", gettext_lazy("Words, acted on: kept for"), Weakens.EITHER, DAYS),
            EditableSetting(
                "ADDRESSES_DAYS_NOT_ACTIONED",
                gettext_lazy("Addresses, nothing to act on: kept for"),
                Weakens.EITHER,
                DAYS,
            ),
            EditableSetting(
                "ADDRESSES_DAYS_ACTIONED", gettext_lazy("Addresses, acted on: kept for"), Weakens.EITHER, DAYS
            ),
        ),
    ),
)
EDITABLE: Mapping[str, EditableSetting] = {row.name: row for group in SETTING_GROUPS for row in group.rows}


def value_with_unit(row: EditableSetting, value: str) -> str:
    """The value for display; "" is the server's own."""
    if not value:
        return _("the server’s value")
    for unit, count in ((MINUTES, count_minutes), (HOURS, count_hours), (DAYS, count_days)):
        if row.unit is unit and value.isdecimal():
            return count(int(value))
    return f"{value} {row.unit}".strip()
