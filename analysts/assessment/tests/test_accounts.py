"""Accounts on apps: one incident for one account, on whichever portal it is reported, and never an address."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from analysts.assessment import publishing
from analysts.assessment.reports_section import words_in
from analysts.codes import Fact, Reason, Verdict
from analysts.models import Incident, IncidentKind, Sighting, User
from analysts.states import State
from analysts.tests.factories import assessed_cleared, assessed_illegal, incident_of, report_of
from countries.models import Portal
from reports.addresses import AddressKind
from reports.report_text import SealedTick, read_report

SNAPCHAT = {"platform": "Snapchat", "account": "name.one"}
WORDS = {"description": "It writes to children and asks for pictures."}


def judge(incident: Incident, by: User, verdict: str) -> None:
    if verdict == "illegal":
        assessed_illegal(incident, by)
    else:
        assessed_cleared(incident, by)


def of_account(portal: Portal, app: dict[str, Any] | None = None, **sent: Any) -> Incident:
    return incident_of(portal, "", app=app or SNAPCHAT, **sent)


def test_account_reported_on_two_portals_is_one_incident_without_an_address(belize: Portal, zambia: Portal) -> None:
    first = of_account(belize)
    second = of_account(zambia, {"platform": "snapchat", "account": "@name.one"})

    assert first == second
    assert sorted(second.portals) == sorted([belize.pk, zambia.pk])
    assert (second.kind, second.address_kind) == (IncidentKind.WORDS, AddressKind.ACCOUNT)
    assert (bytes(second.host_fingerprint), bytes(second.site_fingerprint)) == (b"", b"")
    assert second.key is None


def test_two_accounts_and_the_same_name_elsewhere_are_others(belize: Portal) -> None:
    report = report_of(belize, "", app={"platform": "Snapchat", "account": "name.one, name.two"})
    other = of_account(belize, {"platform": "Telegram", "account": "name.one"})

    assert report.sightings.count() == 2
    assert not report.sightings.filter(incident=other).exists()


def test_name_of_an_account_stays_whole_among_the_words() -> None:
    assert words_in({"addresses": "Snapchat: name.one\nhttps://example.org/1"}) == ["Snapchat: name.one"]


@pytest.mark.parametrize(
    ("addresses", "app"),
    [
        ("https://example.org/a.", SNAPCHAT),
        ("https://example.org/a\nsnapchat: name.one\nSnapchat: name.one", {}),
        ("\n".join(f"https://example.org/{number}" for number in range(101)), SNAPCHAT),
        ("@one:example.org\n@two:example.org\nhttps://example.org/x y.jpg", {}),
        ("example.org/a, example.org/b", {"platform": "website", "account": "example.net"}),
    ],
)
def test_answer_counts_what_intake_makes_of_a_report(belize: Portal, addresses: str, app: dict[str, Any]) -> None:
    reading = read_report({"addresses": addresses, **app})
    report = report_of(belize, addresses, app=app)

    kinds = [sighting.incident.address_kind for sighting in report.sightings.select_related("incident")]
    assert kinds.count(AddressKind.ACCOUNT) == reading.accounts
    assert len([kind for kind in kinds if kind and kind != AddressKind.ACCOUNT]) == reading.addresses
    publishing.publish_outcomes(now=timezone.now() + timedelta(days=2))
    report.receipt.refresh_from_db()
    assert sum(outcome[2] for outcome in report.receipt.outcomes) == reading.addresses + reading.accounts
    # The rest beyond the limit is one incident of words.
    assert kinds.count("") == (1 if reading.beyond else 0)
    assert (Fact.MANY_ADDRESSES in report.facts) is bool(reading.beyond)


@pytest.mark.parametrize("verdict", ["illegal", "cleared"])
@pytest.mark.parametrize(
    ("details", "returns"),
    [
        (WORDS, True),
        *(({"description": "", "facts": [tick]}, True) for tick in ("child_in_danger", *SealedTick.values)),
        (None, False),
    ],
)
def test_words_about_a_judged_account_return_to_an_analyst(
    belize: Portal, zambia: Portal, ana: User, verdict: str, details: dict[str, Any] | None, returns: bool
) -> None:
    incident = of_account(belize)
    judge(incident, ana, verdict)
    # Reopened once already: an address would wait now.
    report_of(belize, "", app=SNAPCHAT, details=WORDS)
    incident.refresh_from_db()
    assert incident.state == State.WAITING
    judge(incident, ana, verdict)

    report = report_of(zambia, "", app=SNAPCHAT, details=details)
    incident.refresh_from_db()
    assert (incident.state == State.WAITING) is returns
    if verdict == "cleared" and not returns:
        # A verdict answers only reports that were read before it.
        assert Sighting.objects.get(report=report).round == incident.round + 1


def test_words_in_the_report_itself_return_it_too(belize: Portal, ana: User) -> None:
    incident = of_account(belize)
    assessed_cleared(incident, ana, verdict=Verdict.OUTSIDE_REMIT, reason=Reason.OTHER)

    report_of(belize, "he writes to children", app=SNAPCHAT)
    incident.refresh_from_db()
    assert incident.state == State.WAITING


@pytest.mark.parametrize(
    "words", [{"happened": "He wants to meet."}, *({"facts": [tick]} for tick in SealedTick.values)]
)
def test_words_or_a_tick_with_an_account_returns_it(belize: Portal, ana: User, words: dict[str, Any]) -> None:
    incident = of_account(belize)
    assessed_cleared(incident, ana)
    report_of(belize, "", app=SNAPCHAT | words)
    incident.refresh_from_db()
    assert incident.state == State.WAITING
