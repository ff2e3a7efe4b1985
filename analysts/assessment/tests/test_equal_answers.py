"""A reporter cannot learn by reporting whether an address or an account is known here, or what was decided about it.

A report of something known gets the same bytes as one of something new: at once, with details, and on the receipt until
the daily batch. After it the receipts differ only as `HISTORIES` says, which is the rule of `publishing.facts_of`, and
for an account as for an address.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
import time_machine
from django.test import Client

from analysts.assessment import publishing
from analysts.assessment.intake import run as intake
from analysts.codes import Reason, Verdict
from analysts.codes.recipient_kinds import ReferralKind
from analysts.models import Incident, RecipientKind, Report, User
from analysts.tests.chases import found_gone, office
from analysts.tests.factories import assessed_cleared, assessed_illegal, assessed_not_found, claimed, incident_of
from countries.models import Portal
from reports import receipts
from reports.models import Submission
from reports.tests.pages import post, receipt_in, token_in

MONDAY = datetime(2026, 3, 9, 9, 20, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Equally long, so that no page differs because one is longer.
KNOWN, NEW = "name.one", "name.two"


# The fields of a report, with "{}" for the name.
SUBJECTS = {
    "address": {"addresses": "https://example.org/{}"},
    "account": {"addresses": "", "platform": "Snapchat", "account": "{}"},
    "account in one line": {"addresses": "Snapchat: {}"},
    "account with a host": {"addresses": "@{}:example.org"},
}


def ask_for_removal(incident: Incident, by: User) -> None:
    verdict = assessed_illegal(incident, by, now=MONDAY + HOUR)
    to = office(RecipientKind.HOST, by, at=MONDAY)
    incident.referrals.create(
        assessment=verdict,
        kind=ReferralKind.TAKEDOWN,
        recipient=to.name,
        to=to,
        by=by,
        at=verdict.at,
        noticed_at=verdict.at,
    )


def remove(incident: Incident, by: User) -> None:
    ask_for_removal(incident, by)
    found_gone(incident, by, now=MONDAY + 3 * HOUR)


class History(NamedTuple):
    """The history before the report, and the outcome that its receipt shows after the next batch.

    outcome_in_danger: that of a report of a child in danger, which returns its incident to an analyst.
    """

    happen: Callable[[Incident, User], object]
    outcome: tuple[str, str, int]
    outcome_in_danger: tuple[str, str, int] | None = None


RECEIVED, BEGUN, ASKED = ("received", "", 1), ("being_assessed", "", 1), ("notice_sent", "", 1)
HISTORIES = {
    "waiting": History(lambda _incident, _by: None, RECEIVED),
    "claimed": History(lambda incident, by: claimed(incident, by, now=MONDAY + DAY), BEGUN),
    "illegal": History(lambda incident, by: assessed_illegal(incident, by, now=MONDAY + HOUR), BEGUN, RECEIVED),
    "removal asked for": History(ask_for_removal, ASKED),
    "removed": History(remove, RECEIVED),
    "not illegal": History(lambda incident, by: assessed_cleared(incident, by, now=MONDAY + HOUR), RECEIVED),
    "outside remit": History(
        lambda incident, by: assessed_cleared(
            incident, by, verdict=Verdict.OUTSIDE_REMIT, reason=Reason.ADULT, now=MONDAY + HOUR
        ),
        RECEIVED,
    ),
    "not found": History(lambda incident, by: assessed_not_found(incident, by, now=MONDAY + HOUR), RECEIVED),
}


def send(visitor: Client, fields: dict[str, str], *, in_danger: bool) -> tuple[str, list[object]]:
    """Report as a browser does, with details if a child is in danger, and look at the receipt at once.

    Returns the receipt's code; and what the reporter sees, with the sizes of what is stored.
    """
    steps = [("/bz/en/report/", {**fields, "token": token_in(visitor.get("/bz/en/report/"))})]
    answers: list[object] = []
    code = ""
    while steps:
        response = post(visitor, *steps.pop(0))
        assert response.status_code == 200
        if not code:
            code = receipt_in(response)
            if in_danger:
                steps.append(("/bz/en/details/", {"token": token_in(response), "facts": "child_in_danger"}))
            steps.append(("/bz/en/status/", {"code": code}))
        answers += [
            blank(response.content, code),
            len(response.content),
            sorted(response.headers.items()),
        ]
    receipt_id = receipts.derive_credentials(code).receipt_id
    submissions = Submission.objects.filter(receipt_id=receipt_id).order_by("kind")
    return code, [*answers, *(len(bytes(submission.sealed)) for submission in submissions)]


def blank(page: bytes, code: str) -> str:
    """The page without its receipt and its token, which differ for each report."""
    text = page.decode().replace(code, "?").replace(receipts.format_code(code), "?")
    return re.sub(r'name="token" value="[^"]*"', "?", text)


# Checks find out whether an address is gone; an account has none. An address without and with danger; the others one or
# the other in turn, each with both.
CASES = [
    (subject, history, in_danger)
    for number, subject in enumerate(SUBJECTS)
    for at, history in enumerate(HISTORIES)
    for in_danger in ((False, True) if subject == "address" else (bool((number + at) % 2),))
    if subject == "address" or history != "removed"
]


@pytest.mark.parametrize(("subject", "history", "in_danger"), CASES)
def test_known_and_new_get_equal_answers(
    subject: str, history: str, in_danger: bool, belize: Portal, ana: User, visitor: Client
) -> None:
    typed, other = ({field: value.format(name) for field, value in SUBJECTS[subject].items()} for name in (KNOWN, NEW))
    app = {field: typed.get(field, "") for field in ("platform", "account")}
    incident = incident_of(belize, typed["addresses"], app=app, now=MONDAY)
    happen, outcome, outcome_in_danger = HISTORIES[history]
    expected = (outcome_in_danger or outcome) if in_danger else outcome
    happen(incident, ana)

    with time_machine.travel(MONDAY + DAY, tick=False):
        known_code, known_answers = send(visitor, typed, in_danger=in_danger)
        new_code, new_answers = send(visitor, other, in_danger=in_danger)
        assert known_answers == new_answers
        intake.take_in()
        publishing.publish_outcomes()
    reports = [Report.objects.get(pk=receipts.derive_credentials(code).receipt_id) for code in (known_code, new_code)]
    assert [report.sightings.get().incident == incident for report in reports] == [True, False]

    with time_machine.travel(MONDAY + DAY + 2 * HOUR, tick=False):
        assert receipt_of(visitor, known_code) == receipt_of(visitor, new_code)
    with time_machine.travel(MONDAY + 3 * DAY, tick=False):
        publishing.publish_outcomes()
        for report, shown in zip(reports, (expected, RECEIVED), strict=True):
            report.receipt.refresh_from_db()
            assert report.receipt.outcomes == [list(shown)]
        if expected == RECEIVED:
            assert receipt_of(visitor, known_code) == receipt_of(visitor, new_code)


def receipt_of(visitor: Client, code: str) -> str:
    return blank(post(visitor, "/bz/en/status/", {"code": code}).content, code)
