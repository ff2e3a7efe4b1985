"""What the database refuses, whatever the code does: for each named constraint of this app, rows that cannot be.

A constraint without a case here fails `test_every_constraint_has_a_case`.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from analysts.codes import (
    AgeBand,
    Closing,
    Commerciality,
    Flag,
    Look,
    Reason,
    ReferralKind,
    Role,
    Severity,
    Sex,
    UndoReason,
    Verdict,
)
from analysts.models import (
    Agreement,
    Assessment,
    BulkClosing,
    CodeCorrection,
    Comfort,
    Delay,
    Draft,
    EntryCode,
    Exposure,
    Hold,
    Incident,
    PortalHour,
    Proposal,
    Referral,
    Report,
    Sighting,
    User,
)
from analysts.models.delay import BUCKETS
from analysts.states import State
from analysts.tests.factories import report_of
from countries.models import Portal
from reports.models import Receipt, SealingKey

HOUR = datetime(2026, 3, 2, 9, tzinfo=UTC)
HALF_PAST = HOUR.replace(minute=30)
OTHERWISE = {"severity": "", "age_band": "", "sex": ""}
NOT_ILLEGAL = OTHERWISE | {"verdict": Verdict.NOT_ILLEGAL, "reason": Reason.ADULT}


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


ANA, SENA, INCIDENT, KEY = attrgetter("ana"), attrgetter("sena"), attrgetter("incident"), attrgetter("key")

# A row of each model that the database takes.
POSSIBLE: dict[type[models.Model], dict[str, Any]] = {
    Agreement: {"month": date(2026, 3, 1), "first": "A", "second": "B"},
    Assessment: {
        "incident": INCIDENT,
        "round": 7,
        "by": ANA,
        "at": HALF_PAST,
        "verdict": Verdict.ILLEGAL,
        "severity": Severity.B,
        "age_band": AgeBand.AGE_11_13,
        "sex": Sex.BOTH,
    },
    BulkClosing: {
        "flood": b"f" * 32,
        "by": ANA,
        "at": HALF_PAST,
        "verdict": Verdict.OUTSIDE_REMIT,
        "reason": Reason.ADULT,
        "number": 40,
    },
    CodeCorrection: {"scheme": "cybertipline", "code": "flag.drawn", "by": SENA, "at": HALF_PAST},
    Comfort: {"user": ANA},
    Delay: {"bucket": 1, "until": HOUR},
    Draft: {"incident": INCIDENT, "by": ANA, "act": "assess", "at": HALF_PAST, "key": KEY},
    EntryCode: {"user": ANA, "first_half": "h"},
    Exposure: {"user": ANA, "day": date(2026, 3, 2)},
    Hold: {"incident": INCIDENT, "reason": "police", "review_on": date(2027, 1, 1), "by": SENA, "at": HALF_PAST},
    Incident: {"kind": "words", "first_sighted": HOUR, "last_sighted": HOUR, "waiting_since": HOUR},
    PortalHour: {"portal": attrgetter("belize"), "hour": HOUR},
    Proposal: {"kind": "recovery", "user": ANA, "asked_by": SENA, "asked_at": HALF_PAST},
    Referral: {
        "incident": INCIDENT,
        "assessment": attrgetter("assessment"),
        "kind": ReferralKind.POLICE,
        "addressee": "Example Police",
        "by": ANA,
        "at": HALF_PAST,
    },
    Report: {"portal": attrgetter("belize"), "language": "en", "received_hour": HOUR},
    Sighting: {"incident": INCIDENT, "report": attrgetter("report"), "portal": attrgetter("belize")},
    User: {"username": "x", "role": Role.ANALYST},
}

ID = uuid.uuid4()
CLOSED = {"state": State.CLOSED, "closed_on": date(2026, 3, 3)}

# By constraint: one row that is refused, or several of which the last is. Each is a possible row but for what it names.
IMPOSSIBLE: list[tuple[type[models.Model], str, list[dict[str, Any]]]] = [
    (Agreement, "agreement_once_a_month", [{}, {"number": 3}]),
    (Agreement, "agreement_first_of_month", [{"month": date(2026, 3, 2)}]),
    # An unknown verdict has no reasons, which is found first.
    (Assessment, "assessment_verdict_known", [OTHERWISE | {"verdict": "maybe", "reason": Reason.OTHER}]),
    (Assessment, "assessment_classified_or_reasoned", [{"severity": ""}]),
    (Assessment, "assessment_classified_or_reasoned", [{"severity": "D"}]),
    (Assessment, "assessment_classified_or_reasoned", [{"age_band": ""}]),
    (Assessment, "assessment_classified_or_reasoned", [{"age_band": "18+"}]),
    (Assessment, "assessment_classified_or_reasoned", [{"sex": ""}]),
    (Assessment, "assessment_classified_or_reasoned", [NOT_ILLEGAL | {"severity": Severity.A}]),
    (Assessment, "assessment_classified_or_reasoned", [NOT_ILLEGAL | {"age_band": AgeBand.AGE_3_6}]),
    (Assessment, "assessment_classified_or_reasoned", [NOT_ILLEGAL | {"sex": Sex.GIRLS}]),
    (Assessment, "assessment_classified_or_reasoned", [NOT_ILLEGAL | {"reason": ""}]),
    (Assessment, "assessment_reason_of_verdict", [NOT_ILLEGAL | {"reason": Reason.PASSWORD_PROTECTED}]),
    (Assessment, "assessment_reason_of_verdict", [NOT_ILLEGAL | {"verdict": Verdict.NOT_ASSESSED}]),
    (
        Assessment,
        "assessment_reason_of_verdict",
        [NOT_ILLEGAL | {"verdict": Verdict.OUTSIDE_REMIT, "reason": Reason.AGE_UNCLEAR}],
    ),
    (Assessment, "assessment_prohibited_is_drawn", [{"severity": Severity.PROHIBITED, "flags": [Flag.AI_GENERATED]}]),
    (Assessment, "assessment_payment_if_commercial", [{"payment": "card"}]),
    (Assessment, "assessment_payment_if_commercial", [{"commerciality": Commerciality.COMMERCIAL}]),
    (Assessment, "assessment_payment_if_commercial", [{"commerciality": Commerciality.COMMERCIAL, "payment": "gold"}]),
    (Assessment, "assessment_codes_known", [{"flags": [Flag.DRAWN, "x"]}]),
    (Assessment, "assessment_codes_known", [{"notices": ["x"]}]),
    (Assessment, "assessment_codes_known", [{"site_type": "x"}]),
    (Assessment, "assessment_codes_known", [{"commerciality": "x"}]),
    (Assessment, "assessment_codes_known", [{"content_kind": ""}]),
    (Assessment, "assessment_codes_known", [{"found_on": ""}]),
    (Assessment, "assessment_codes_known", [{"look": "third"}]),
    (Assessment, "assessment_undone_by_somebody", [{"undone_at": HOUR}]),
    (Assessment, "assessment_undone_by_somebody", [{"undone_at": HOUR, "undone_by": ANA}]),
    (Assessment, "assessment_undone_by_somebody", [{"undone_at": HOUR, "undone_by": ANA, "undo_reason": "x"}]),
    (Assessment, "assessment_undone_by_somebody", [{"undo_reason": UndoReason.SLIP}]),
    (Assessment, "assessment_once_a_look", [{}, {"by": SENA}]),
    (Assessment, "assessment_once_a_person", [{}, {"look": Look.SECOND}]),
    (BulkClosing, "bulk_closing_never_illegal", [{"verdict": Verdict.ILLEGAL}]),
    (BulkClosing, "bulk_closing_undone_by_somebody", [{"undone_at": HOUR}]),
    (BulkClosing, "bulk_closing_undone_by_somebody", [{"undone_by": ANA}]),
    (CodeCorrection, "code_correction_once", [{}, {"target": "material"}]),
    (Comfort, "comfort_type_size_known", [{"type_size": "huge"}]),
    (Comfort, "comfort_density_known", [{"density": "x"}]),
    (Delay, "delay_bucket_bounded", [{"bucket": BUCKETS}]),
    (Draft, "draft_once_an_act", [{}, {}]),
    (EntryCode, "entry_code_valid_when_whole", [{"second_half": "h"}]),
    (EntryCode, "entry_code_valid_when_whole", [{"until": HOUR}]),
    (Exposure, "exposure_once_a_day", [{}, {"reveals": 1}]),
    (Exposure, "exposure_avoids_known", [{"avoids": ["work"]}]),
    (Hold, "hold_once_at_a_time", [{}, {"reason": "court"}]),
    (Hold, "hold_reason_known", [{"reason": "x"}]),
    (Hold, "hold_released_by_somebody", [{"released_at": HOUR}]),
    (Incident, "incident_state_known", [{"state": "lost"}]),
    (Incident, "incident_priority_0_to_10", [{"priority": 11}]),
    (Incident, "incident_flood_is_lowest", [{"priority": 0}]),
    (Incident, "incident_flood_is_lowest", [{"flood": b"f" * 32}]),
    (Incident, "incident_claimed_has_holder", [{"state": State.CLAIMED}]),
    (Incident, "incident_claimed_has_holder", [{"state": State.CLAIMED, "claimed_by": ANA}]),
    (Incident, "incident_claimed_has_holder", [{"claimed_by": ANA, "claimed_until": HOUR}]),
    (Incident, "incident_closed_has_closing", [CLOSED]),
    (Incident, "incident_closed_has_closing", [{"state": State.CLOSED, "closing": Closing.GONE}]),
    (Incident, "incident_closed_has_closing", [{"closing": Closing.GONE, "closed_on": date(2026, 3, 3)}]),
    (Incident, "incident_merged_into_another", [CLOSED | {"closing": Closing.MERGED}]),
    (Incident, "incident_merged_into_another", [CLOSED | {"closing": Closing.GONE, "merged_into": INCIDENT}]),
    (
        Incident,
        "incident_not_merged_into_itself",
        [CLOSED | {"closing": Closing.MERGED, "id": ID, "merged_into_id": ID}],
    ),
    (Incident, "incident_look_known", [{"look": "third"}]),
    (Incident, "incident_round_from_one", [{"round": 0}]),
    (Incident, "incident_address_is_sealed", [{"kind": "address"}]),
    (Incident, "incident_address_is_sealed", [{"key": KEY}]),
    (Incident, "incident_whole_hours", [{"first_sighted": HALF_PAST}]),
    (Incident, "incident_whole_hours", [{"last_sighted": HALF_PAST}]),
    (Incident, "incident_whole_hours", [{"waiting_since": HALF_PAST}]),
    (PortalHour, "portal_hour_once", [{}, {"reports": 9}]),
    (PortalHour, "portal_hour_whole", [{"hour": HALF_PAST}]),
    (Proposal, "proposal_one_open", [{}, {"kind": "role", "role": Role.SENIOR}]),
    (Proposal, "proposal_role_fits_kind", [{"role": Role.ANALYST}]),
    (Proposal, "proposal_role_fits_kind", [{"kind": "role", "role": "x"}]),
    (Proposal, "proposal_decided_by_somebody", [{"state": "refused"}]),
    (Proposal, "proposal_confirmed_by_another", [{"state": "confirmed", "decided_by": SENA}]),
    (Proposal, "proposal_confirmed_by_another", [{"state": "confirmed", "decided_by": ANA}]),
    (Referral, "referral_kind_known", [{"kind": "x"}]),
    (Referral, "referral_once_a_verdict", [{}, {"by": SENA}]),
    (Report, "report_received_whole_hour", [{"received_hour": HALF_PAST}]),
    # The report that is there names the incident already.
    (Sighting, "sighting_once", [{}]),
    (User, "user_role_known", [{"role": "superuser"}]),
    (User, "user_active_once_confirmed", [{"unconfirmed": True}]),
]

# What PostgreSQL, which checks in the order of the names, says first of a row that breaks two rules.
SAID_FIRST = {"assessment_verdict_known": "assessment_reason_of_verdict"}


@pytest.fixture
def there(belize: Portal, ana: User, sena: User) -> There:
    report = report_of(belize)
    incident = report.sightings.get().incident
    assert incident.key is not None
    assessment = Assessment.objects.create(
        **_made(POSSIBLE[Assessment] | {"round": 1, "incident": incident, "by": ana})
    )
    return There(belize, ana, sena, report, incident, assessment, incident.key)


def _made(values: dict[str, Any], there: There | None = None) -> dict[str, Any]:
    return {name: value(there) if isinstance(value, attrgetter) else value for name, value in values.items()}


def store(model: type[models.Model], values: dict[str, Any], there: There) -> models.Model:
    """In a transaction of its own, constraints that are deferred included."""
    values = _made(POSSIBLE[model] | values, there)
    if model is Incident:
        values = {"fingerprint": uuid.uuid4().bytes} | values
    if model is Report:
        values["receipt"] = Receipt.objects.create(id=uuid.uuid4(), changed_on=HOUR.date(), mailbox_key=b"m")
    with transaction.atomic():
        return model._default_manager.create(**values)


def test_every_constraint_has_a_case() -> None:
    named = {
        (model, constraint.name)
        for model in apps.get_app_config("analysts").get_models()
        for constraint in model._meta.constraints
    }
    assert {(model, name) for model, name, _rows in IMPOSSIBLE} == named


@pytest.mark.parametrize(
    "model", [model for model in POSSIBLE if model is not Sighting], ids=lambda model: model.__name__
)
def test_database_takes_what_is_possible(there: There, model: type[models.Model]) -> None:
    assert model._default_manager.filter(pk=store(model, {}, there).pk).exists()


@pytest.mark.parametrize(
    ("model", "name", "rows"), IMPOSSIBLE, ids=[f"{name}-{at}" for at, (_model, name, _rows) in enumerate(IMPOSSIBLE)]
)
def test_database_refuses_what_is_impossible(
    there: There, model: type[models.Model], name: str, rows: list[dict[str, Any]]
) -> None:
    *possible, impossible = rows
    for row in possible:
        store(model, row, there)
    with pytest.raises(IntegrityError, match=f'"{SAID_FIRST.get(name, name)}"'):
        store(model, impossible, there)


TAKEN_BACK = {"undone_at": HOUR, "undone_by": SENA, "undo_reason": UndoReason.SLIP}


@pytest.mark.parametrize(
    "change",
    [
        {"severity": Severity.A},
        {"flags": [Flag.DRAWN]},
        {"by": SENA},
        {"at": HOUR},
        {"round": 2},
        # Taking back changes nothing else along the way.
        TAKEN_BACK | {"severity": Severity.C},
    ],
)
def test_an_assessment_is_never_changed(there: There, change: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        Assessment.objects.filter(pk=there.assessment.pk).update(**_made(change, there))


def test_an_assessment_is_never_deleted(there: There) -> None:
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        Assessment.objects.filter(pk=there.assessment.pk).delete()


def test_an_assessment_is_taken_back_once_and_makes_room_for_another(there: There) -> None:
    mine = Assessment.objects.filter(pk=there.assessment.pk)
    assert mine.update(**_made(TAKEN_BACK, there)) == 1
    for again in ({"undo_reason": UndoReason.ADVICE}, {"undone_at": None, "undone_by": None, "undo_reason": ""}):
        with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
            mine.update(**again)
    store(Assessment, {"round": 1, "severity": Severity.A}, there)
    assert there.incident.assessments.count() == 2
