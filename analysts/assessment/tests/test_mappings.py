"""The mapping to other code lists: separate schemes, a complete table, and audited corrections."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from analysts.assessment.mappings import (
    OURS,
    THEIRS,
    Action,
    Classification,
    Code,
    IncidentType,
    Scheme,
    correct_mapping,
    current_mapping,
    default_mapping,
    load_corrections,
    translate_assessment,
    translate_referral,
)
from analysts.codes import AgeBand, Flag, Reason, Severity, Verdict
from analysts.codes.recipient_kinds import ReferralKind
from analysts.models import Assessment, CodeCorrection, Recipient, RecipientKind, Referral, User
from audit.models import AuditEvent
from audit.permissions import Denied

SEVERITY_A, AGE_0_2 = Code("severity", "A"), Code("age_band", "0-2")
EXTORTION = Code("flag", "sextortion")


def illegal(severity: Severity, age_band: AgeBand, *flags: Flag) -> Assessment:
    return Assessment(verdict=Verdict.ILLEGAL, severity=severity, age_band=age_band, flags=[*flags])


def classification(assessment: Assessment) -> str | None:
    return translate_assessment(assessment, default_mapping()).get(Scheme.ICCAM_CLASSIFICATION)


def test_every_row_maps_a_code_of_ours_to_a_code_of_theirs() -> None:
    for (scheme, code), target in default_mapping().items():
        assert code.choice.value == code.value
        assert target in ("", *THEIRS[scheme].values), (scheme, code)
        # As stored in the columns of a correction.
        assert len(scheme) <= 24
        assert max(len(str(code)), len(target)) <= 40


def test_a_list_that_is_mapped_is_mapped_whole() -> None:
    lists = {(scheme, code.list) for scheme, code in default_mapping()}
    rows = {
        (scheme, code.list): {row.value for at, row in default_mapping() if (at, row.list) == (scheme, code.list)}
        for scheme, code in default_mapping()
    }
    assert rows == {(scheme, name): set(OURS[name].values) for scheme, name in lists}
    assert {scheme for scheme, _ in lists} == set(Scheme)


def test_no_scheme_is_mixed_with_ours_or_another() -> None:
    assert len(IncidentType) == 8
    assert Classification.values == ["ignore", "national", "baseline"]
    assert len(Action) == 6
    assert set(Reason.values).isdisjoint(Action.values)


@pytest.mark.parametrize(
    ("severity", "age_band", "expected"),
    [
        (Severity.A, AgeBand.AGE_3_6, "baseline"),
        (Severity.B, AgeBand.AGE_11_13, "baseline"),
        (Severity.A, AgeBand.AGE_14_15, "national"),
        (Severity.C, AgeBand.AGE_0_2, "national"),
        (Severity.PROHIBITED, AgeBand.AGE_0_2, "national"),
    ],
)
def test_baseline_needs_both_severity_and_age(severity: Severity, age_band: AgeBand, expected: str) -> None:
    assert classification(illegal(severity, age_band)) == expected


def test_what_shows_no_real_child_is_not_baseline() -> None:
    assert classification(illegal(Severity.A, AgeBand.AGE_3_6, Flag.AI_GENERATED)) == "national"
    assert classification(illegal(Severity.A, AgeBand.AGE_3_6, Flag.SEVERAL_CHILDREN)) == "baseline"


def test_legal_content_maps_to_ignore_and_unassessed_content_has_no_classification() -> None:
    assert classification(Assessment(verdict=Verdict.NOT_ILLEGAL, reason=Reason.ADULT)) == "ignore"
    assert classification(Assessment(verdict=Verdict.NOT_ASSESSED, reason=Reason.PASSWORD_PROTECTED)) is None


def test_a_severity_without_counterpart_leaves_the_classification_open() -> None:
    mapping = default_mapping() | {(Scheme.ICCAM_CLASSIFICATION, SEVERITY_A): ""}
    assert Scheme.ICCAM_CLASSIFICATION not in translate_assessment(illegal(Severity.A, AgeBand.AGE_0_2), mapping)


def test_the_most_particular_incident_type_counts() -> None:
    plain, extorted = illegal(Severity.B, AgeBand.AGE_14_15), illegal(Severity.B, AgeBand.AGE_14_15, Flag.SEXTORTION)
    assert translate_assessment(plain, default_mapping())[Scheme.CYBERTIPLINE] == IncidentType.MATERIAL
    assert translate_assessment(extorted, default_mapping())[Scheme.CYBERTIPLINE] == IncidentType.ENTICEMENT


def test_acts_have_actions() -> None:
    gone = Assessment(verdict=Verdict.NOT_ASSESSED, reason=Reason.REMOVED_BEFORE)
    assert translate_assessment(gone, default_mapping()) == {Scheme.ICCAM_ACTION: Action.REMOVED}
    assert translate_referral(Referral(kind=ReferralKind.TAKEDOWN), default_mapping()) == {
        Scheme.ICCAM_ACTION: Action.ISP
    }
    owner = Referral(kind=ReferralKind.TAKEDOWN, to=Recipient(kind=RecipientKind.OWNER, name="Example Gallery"))
    assert translate_referral(owner, default_mapping()) == {}


def test_olga_corrects_a_row_and_goes_back(olga: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    row = (Scheme.CYBERTIPLINE, EXTORTION)
    correct_mapping(by=olga, scheme=Scheme.CYBERTIPLINE, code=EXTORTION, target="trafficking")
    correct_mapping(by=olga, scheme=Scheme.CYBERTIPLINE, code=EXTORTION, target="")
    with django_assert_num_queries(1):
        assert current_mapping() == default_mapping() | {row: ""}
    assert load_corrections()[row].by == olga

    correct_mapping(by=olga, scheme=Scheme.CYBERTIPLINE, code=EXTORTION, target=None)
    assert current_mapping() == default_mapping()
    assert not CodeCorrection.objects.exists()

    events = AuditEvent.objects.order_by("number")
    assert [(event.action, event.details["before"], event.details["after"]) for event in events] == [
        ("codes.correct", "enticement", "trafficking"),
        ("codes.correct", "trafficking", ""),
        ("codes.correct", "", "enticement"),
    ]
    assert events[2].details["code"] == "flag.sextortion"


def test_choosing_what_is_shipped_is_no_correction(olga: User) -> None:
    correct_mapping(by=olga, scheme=Scheme.CYBERTIPLINE, code=EXTORTION, target="trafficking")
    correct_mapping(by=olga, scheme=Scheme.CYBERTIPLINE, code=EXTORTION, target="enticement")
    assert not CodeCorrection.objects.exists()


@pytest.mark.parametrize(
    ("code", "target"),
    [(EXTORTION, "baseline"), (AGE_0_2, "material"), (Code("flag", "x"), ""), (EXTORTION, "x")],
)
def test_a_code_of_another_scheme_is_refused(olga: User, code: Code, target: str) -> None:
    with pytest.raises(Denied):
        correct_mapping(by=olga, scheme=Scheme.CYBERTIPLINE, code=code, target=target)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("who", ["ana", "sena", "petra", "axel", "willa", "adam"])
def test_only_operators_correct(who: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Denied):
        correct_mapping(
            by=request.getfixturevalue(who), scheme=Scheme.CYBERTIPLINE, code=EXTORTION, target="", now=timezone.now()
        )
    assert not CodeCorrection.objects.exists()


def test_a_correction_that_a_later_version_does_not_know_counts_for_nothing(olga: User) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    for scheme, code, target in [
        ("gone", "flag.drawn", ""),
        ("cybertipline", "flag.x", ""),
        ("cybertipline", "flag.drawn", "x"),
    ]:
        CodeCorrection.objects.create(scheme=scheme, code=code, target=target, by=olga, at=now)
    assert current_mapping() == default_mapping()
