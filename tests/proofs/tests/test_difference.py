"""The comparison of runs, without an installation: differences by chance and by reporters, and the queue it reads."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.proofs.privacy import difference
from tests.proofs.privacy.allowed_noise import BY_THE_CLOCK, NOISE, Noise
from tests.proofs.privacy.difference import RunRecord, judge_runs
from tests.proofs.privacy.notifications import HEAD_BYTES, PAGE_BYTES, read_queue

BEGAN = datetime(2026, 11, 27, 17, 40, tzinfo=UTC)
NOW = datetime(2026, 11, 27, 18, 31, tzinfo=UTC)
HOUR = "2026-11-27T18:00:00+00:00"
IDS = [f"0000000{number}-0000-4000-8000-000000000000" for number in range(3)]


def record(**columns: object) -> RunRecord:
    found = RunRecord(BEGAN, NOW)
    found.add("reports_submission", columns)
    return found


def judge(column: str, first: object, other: object, control: object) -> list[str]:
    """The findings, without the column, for three runs that wrote one value each."""
    findings = judge_runs(*(record(**{column: value}) for value in (first, other, control)))
    assert all(finding.endswith(f": reports_submission.{column}") for finding in findings)
    return [finding.partition(":")[0] for finding in findings]


@pytest.mark.parametrize(
    ("first", "other", "control", "findings"),
    [
        ("report", "report", "report", []),
        ("report", "details", "report", ["differs with the reporters"]),
        ("report", "report", "details", ["differs by chance"]),
        ({"limit": 7}, {"limit": 161}, {"limit": 7}, ["differs with the reporters"]),
        (None, "report", None, ["differs with the reporters"]),
        # Hours of the runs are one; others, and finer times, are themselves.
        ("2026-11-27T17:00:00+00:00", "2026-11-27T18:00:00+00:00", "2026-11-27T18:00:00+00:00", []),
        (HOUR, HOUR.replace("18:00", "13:00"), HOUR, ["differs with the reporters"]),
        (HOUR, HOUR.replace("18:00", "18:07"), HOUR, ["differs with the reporters"]),
        ("2026-11-27", "2026-11-28", "2026-11-27", ["differs with the reporters"]),
    ],
)
def test_value_of_an_unlisted_column_is_that_of_any_reporter(
    first: object, other: object, control: object, findings: list[str]
) -> None:
    assert judge("kind", first, other, control) == findings


@pytest.mark.parametrize(
    ("first", "other", "control", "findings"),
    [
        (IDS[0], IDS[1], IDS[2], []),
        # Rows of before the runs.
        (IDS[0], IDS[0], IDS[0], []),
        (IDS[0], IDS[1], IDS[0], ["is the same for the same reporters"]),
        (IDS[0], IDS[1][:-1], IDS[2], ["differs with the reporters"]),
        (IDS[0], None, IDS[2], ["differs with the reporters"]),
    ],
)
def test_value_of_a_listed_column_has_a_length_and_never_comes_again(
    first: object, other: object, control: object, findings: list[str]
) -> None:
    assert NOISE["reports_*.id"][0] == Noise.RANDOM
    assert judge("id", first, other, control) == findings


def test_number_of_rows_and_their_combination_are_compared() -> None:
    runs = [record(kind="report", language="en") for _ in range(3)]
    for run, kinds in zip(runs, (("details", "report"), ("report", "details"), ("details", "report")), strict=True):
        run.add("reports_submission", {"kind": kinds[0], "language": "sw"})
        run.add("reports_submission", {"kind": kinds[1], "language": "en"})
    assert judge_runs(*runs) == ["differs with the reporters: reports_submission.combination"]
    runs[1].add("reports_submission", {"kind": "details", "language": "sw"})
    assert "differs with the reporters: reports_submission.number" in judge_runs(*runs)


def test_every_place_of_the_list_has_a_reason() -> None:
    assert all(len(reason.split()) > 2 for _noise, reason in NOISE.values())
    assert all(len(reason.split()) > 2 for reason in BY_THE_CLOCK.values())


def test_queue_is_read_page_by_page_with_its_padding(tmp_path: Path) -> None:
    def entry(database: int, text: bytes, length: int = 0) -> bytes:
        whole = length or HEAD_BYTES + len(text)
        numbers = b"".join(number.to_bytes(4, "little") for number in (whole, database, 0, 0))
        return (numbers + text).ljust(whole, b"\0")

    page = entry(5, b"a\0one\0") + entry(5, b"b\0\0")
    page += entry(0, b"", PAGE_BYTES - len(page))
    (tmp_path / "0000").write_bytes(page + entry(5, b"c\0three\0").ljust(PAGE_BYTES, b"\0"))
    assert list(read_queue(tmp_path)) == [("a", "one"), ("b", ""), ("c", "three")]
    assert difference.column_of("audit_auditevent.details.limit") == "audit_auditevent.details"
