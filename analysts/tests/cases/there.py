"""What is there before a case is stored, and how a case names it."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from django.db import models

from analysts.models import (
    Assessment,
    Handoff,
    Incident,
    Notice,
    NoticeTemplate,
    Recipient,
    Referral,
    Report,
    User,
    Workstation,
)
from countries.models import Portal
from reports.models import NoticeAnswer, NoticeLink, SealingKey

# By model, values of a row; an `attrgetter` among them stands for the row of `There`.
type Rows = dict[type[models.Model], dict[str, Any]]
# By constraint: one row that is refused, or several of which the last is. Each is a possible row but for what it names.
type Refused = list[tuple[type[models.Model], str, list[dict[str, Any]]]]

HOUR = datetime(2026, 3, 2, 9, tzinfo=UTC)
HALF_PAST = HOUR.replace(minute=30)


@dataclass(frozen=True, slots=True)
class There:
    """The rows that others point to; a value of a case that is one of these getters stands for the row."""

    belize: Portal
    ana: User
    sena: User
    report: Report
    incident: Incident
    assessment: Assessment
    key: SealingKey
    host: Recipient
    referral: Referral
    link: NoticeLink
    # It gathers first notices; the other one reminders.
    notice: Notice
    other_notice: Notice
    template: NoticeTemplate
    answer: NoticeAnswer
    workstation: Workstation
    handoff: Handoff


ANA, SENA, INCIDENT, KEY = attrgetter("ana"), attrgetter("sena"), attrgetter("incident"), attrgetter("key")
ID = uuid.uuid4()
