"""The rows that exist before a case is stored, and the getters by which cases refer to them."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from django.db import models

from analysts.models import (
    Assessment,
    Batch,
    FloodSample,
    HistoryImport,
    Incident,
    Notice,
    NoticeTemplate,
    PeriodClose,
    Recipient,
    Referral,
    Report,
    User,
    Workstation,
)
from countries.models import Portal
from reports.models import NoticeAnswer, NoticeLink, SealingKey

# Maps a model to the values of a row. An `attrgetter` value refers to a row of `There`.
type Rows = dict[type[models.Model], dict[str, Any]]
# Model, violated constraint, and the rows to store, of which the last is refused. Each row lists only the values that
# differ from the valid row of the model.
type Refused = list[tuple[type[models.Model], str, list[dict[str, Any]]]]

HOUR = datetime(2026, 3, 2, 9, tzinfo=UTC)
HALF_PAST = HOUR.replace(minute=30)


@dataclass(frozen=True, slots=True)
class There:
    """The rows that cases refer to through the getters below."""

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
    # Gathers first notices; `other_notice` gathers reminders.
    notice: Notice
    other_notice: Notice
    other_incident: Incident
    template: NoticeTemplate
    answer: NoticeAnswer
    workstation: Workstation
    # On the workstation, drawn by Ana.
    batch: Batch
    # This incident: opened by Ana, and nothing yet by Sena.
    sample: FloodSample
    empty_sample: FloodSample
    close: PeriodClose
    history: HistoryImport


ANA, SENA, INCIDENT, KEY = attrgetter("ana"), attrgetter("sena"), attrgetter("incident"), attrgetter("key")
BATCH = attrgetter("batch")
HISTORY = attrgetter("history")
SAMPLE, EMPTY_SAMPLE = attrgetter("sample"), attrgetter("empty_sample")
ID = uuid.uuid4()
