"""The mark on arrivals that intake may take in before others: on all that tell of danger, and on some of the others."""

import secrets
from collections.abc import Mapping
from typing import Any

import pytest

from countries.models import Portal
from reports import actions
from reports.models import Arrival, Submission
from tests.rig.fixtures import Sender

DANGER = {"description": "words", "facts": ["login_needed", "child_in_danger"]}
# Every field that does not say that a child is in danger; a sealed tick stays in its envelope.
ORDINARY: list[Mapping[str, Any]] = [
    {"description": "child_in_danger", "facts": []},
    {"description": "words", "facts": ["about_me", "grooming", "child_known", "live_stream"]},
    {"description": "words", "facts": "child_in_danger"},
    {"description": "words"},
]


def marks() -> list[tuple[str, bool]]:
    return sorted(Arrival.objects.values_list("submission__kind", "is_expedited"))


@pytest.mark.parametrize("drawn", range(actions.EXPEDITED_ONE_IN))
@pytest.mark.parametrize("details", [DANGER, *ORDINARY])
def test_danger_is_expedited_and_one_in_eight_of_the_others(
    belize: Portal, send: Sender, monkeypatch: pytest.MonkeyPatch, details: Mapping[str, Any], drawn: int
) -> None:
    monkeypatch.setattr(secrets, "randbelow", lambda below: drawn if below == actions.EXPEDITED_ONE_IN else 0)
    send(belize, "example.org", details=DANGER)
    # The setting of the statement before does not last.
    Arrival.objects.all().delete()
    send(belize, "example.org", details=details)
    is_drawn = drawn == 0
    assert marks() == [("details", is_drawn or details is DANGER), ("report", is_drawn)]


def test_same_report_again_draws_no_other_mark(belize: Portal, send: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sent often enough, an ordinary report would be marked."""
    monkeypatch.setattr(secrets, "randbelow", lambda _below: 1)
    code = send(belize, "example.org")
    monkeypatch.setattr(secrets, "randbelow", lambda _below: 0)
    send(belize, "example.org", code=code)
    assert marks() == [("report", False)]


def test_envelope_has_no_mark(belize: Portal, send: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """All but what is random or sealed is the same."""
    rows = []
    for details in (DANGER, {**DANGER, "facts": []}):
        send(belize, "example.org", details=details)
        row = Submission.objects.filter(kind="details").values().get()
        rows.append({**row, "sealed": len(row["sealed"]), **dict.fromkeys(("id", "receipt_id", "digest"))})
        Arrival.objects.all().delete()
        Submission.objects.all().delete()
    assert rows[0] == rows[1]
