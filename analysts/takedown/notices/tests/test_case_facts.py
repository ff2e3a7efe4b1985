"""Tests of the file of facts that police and hotlines get: each fact, each language, and what is never in it."""

import string
import tomllib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analysts.codes import Fact, Flag, HoldReason
from analysts.codes.recipient_kinds import REFERRED
from analysts.models import (
    Assessment,
    Hold,
    Incident,
    Notice,
    Recipient,
    RecipientKind,
    Referral,
    Report,
    TraceMethod,
    User,
)
from analysts.takedown.notices import texts
from analysts.takedown.notices.case_facts.facts import CASE_FACTS, WORDS, case_facts, case_words
from analysts.takedown.notices.post import build_message
from analysts.takedown.notices.rendering import Letter, render_letter
from analysts.takedown.notices.replies import links as reply_links
from analysts.takedown.notices.sending import seal_copies
from analysts.takedown.notices.shipped_texts import SHIPPED
from analysts.takedown.tracing import actions as tracing
from analysts.tests.cases.there import HALF_PAST, HOUR
from analysts.tests.notices import host, planned, referred
from countries.models import Portal
from reports.forms import Tick

ADDRESS = "https://example.org/gallery"
FILED = [RecipientKind.POLICE, RecipientKind.HOTLINE]


@pytest.fixture(autouse=True)
def _texts(belize: Portal, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    texts.load_shipped_texts(now=HOUR)
    monkeypatch.setattr(reply_links, "reply_url", lambda notice: "https://report.example.org/notice/en/secret/")
    settings.HOTLINE_TELEPHONE = "+44 20 7946 0000"
    settings.HOTLINE_TEAM = "Example takedown team"


@pytest.fixture
def police(sena: User) -> Recipient:
    return host(name="Example Police", by=sena, kind=RecipientKind.POLICE)


def notice_to(portal: Portal, by: User, to: Recipient, *addresses: str, **fields: Any) -> Notice:
    for address in addresses or [ADDRESS]:
        planned(referred(portal, by, to, address, now=HOUR, **fields), by=by, now=HALF_PAST)
    return Notice.objects.select_related("recipient", "link").get(recipient=to)


def text_of(letter: Letter) -> str:
    return "".join(letter.case_file)


def lines_of(notice: Notice) -> list[str]:
    return text_of(render_letter(notice)).splitlines()


def _hold(assessment: Assessment) -> None:
    Hold.objects.create(
        incident=assessment.incident,
        reason=HoldReason.POLICE,
        by=assessment.by,
        at=HOUR,
        review_on=HOUR.date() + timedelta(days=30),
    )


def _in_danger(assessment: Assessment) -> None:
    Incident.objects.filter(pk=assessment.incident_id).update(child_in_danger=True)


def _traced(assessment: Assessment) -> None:
    host(by=assessment.by)
    tracing.trace(
        by=assessment.by,
        incident=assessment.incident,
        method=TraceMethod.DNS,
        country="NL",
        provider="Example Hosting",
        network="AS64496 Example Net",
        ip="192.0.2.7",
        at=HOUR,
        now=HALF_PAST,
    )


def _nothing(assessment: Assessment) -> None:
    pass


# One row for each fact: its code, what is set up, flags of the verdict, and the line; {} is the letter's reference.
FACT_LINES: list[tuple[str, Callable[[Assessment], None], list[Flag], str]] = [
    ("our_reference", _nothing, [], "Our reference: {}/1"),
    ("your_reference", _nothing, [], "Your reference: ________________________"),
    ("category", _nothing, [], "Category: C: other indecent images, without sexual activity"),
    ("age", _nothing, [], "Youngest child, by appearance: 11–13 years"),
    ("known_person", _nothing, [Flag.KNOWN_PERSON], "Child or suspect known: yes"),
    ("self_generated", _nothing, [Flag.SELF_GENERATED], "Made by the child (self-generated): yes"),
    ("danger", _in_danger, [], "Report of a child in danger now: yes; anonymous and not verified"),
    ("assessed_by", _nothing, [], "Assessed by: an analyst of Example takedown team"),
    ("assessed_at", _nothing, [], f"Assessed on: {HOUR:%Y-%m-%d %H:%M} UTC"),
    (
        "preservation",
        _hold,
        [],
        "Preservation: Our record is kept under legal hold. "
        "We have notified no provider: tell us if the content has to be preserved first.",
    ),
    ("ring", _nothing, [], "Please ring: +44 20 7946 0000"),
    ("provider", _traced, [], "provider: Example Hosting (NL)"),
    ("network", _traced, [], "network: AS64496 Example Net"),
    ("network_address", _traced, [], "the host’s address: 192.0.2.7"),
    ("traced_at", _traced, [], f"on: {HOUR:%Y-%m-%d %H:%M} UTC"),
]


def test_fifteen_facts_are_tried() -> None:
    of_trace = ["provider", "network", "network_address", "traced_at"]
    codes = ["our_reference", "your_reference", *(fact.code for fact in CASE_FACTS), *of_trace]
    assert sorted(codes) == sorted(code for code, *_row in FACT_LINES)
    assert len(codes) == 15


@pytest.mark.parametrize("kind", FILED)
@pytest.mark.parametrize(("code", "set_up", "flags", "line"), FACT_LINES, ids=[row[0] for row in FACT_LINES])
def test_police_and_hotlines_get_the_fact(
    belize: Portal,
    ana: User,
    police: Recipient,
    kind: RecipientKind,
    code: str,
    set_up: Callable[[Assessment], None],
    flags: list[Flag],
    line: str,
) -> None:
    Recipient.objects.filter(pk=police.pk).update(kind=kind)
    notice = notice_to(belize, ana, police, flags=flags)
    set_up(Referral.objects.get(items__notice=notice).assessment)

    parts = [part for line in lines_of(notice) for part in (line, *line.removeprefix("Hosting trace: ").split("; "))]
    assert line.format(notice.reference) in parts


@pytest.mark.parametrize("kind", [kind for kind in REFERRED if kind not in FILED])
def test_no_other_recipient_gets_facts(belize: Portal, ana: User, police: Recipient, kind: RecipientKind) -> None:
    Recipient.objects.filter(pk=police.pk).update(kind=kind)
    letter = render_letter(notice := notice_to(belize, ana, police))
    assert letter.case_file == ()
    assert [name for name, *_file in build_message(notice, letter, now=HOUR).attachments] == [letter.file_name]


def test_an_unknown_fact_drops_its_line(belize: Portal, ana: User, police: Recipient, settings: Any) -> None:
    settings.HOTLINE_TELEPHONE = ""
    lines = lines_of(notice_to(belize, ana, police))
    missing = {"ring", "trace"}
    labels = {line.partition(": ")[0] for line in lines}
    words = case_words("en")
    assert {code for code in (*(fact.code for fact in CASE_FACTS), "trace") if words[code] not in labels} == missing
    assert not [line for line in lines if line.endswith(": ")]


def test_file_is_attached_in_text_with_defanged_addresses(belize: Portal, ana: User, police: Recipient) -> None:
    notice = notice_to(belize, ana, police, "https://example.org/a", "https://example.org/b")
    letter = render_letter(notice)
    files = {name: (content, kind) for name, content, kind in build_message(notice, letter, now=HOUR).attachments}
    content, kind = files[f"{notice.reference}.txt"]
    assert (content, kind) == (text_of(letter), "text/plain")
    assert "1. hxxps://example[.]org/a\n" in content
    assert "2. hxxps://example[.]org/b\n" in content
    assert "https:" not in content
    assert f"{notice.reference}/2" in content


def test_ticks_of_the_report_are_not_in_the_letter(belize: Portal, ana: User, police: Recipient) -> None:
    notice = notice_to(belize, ana, police)
    Report.objects.update(facts=list(Fact.values))
    letter = render_letter(notice)
    text = (text_of(letter) + letter.body + letter.attachment.decode()).lower()
    assert "child or suspect known: not to us" in text
    assert not [tick for tick in Tick if str(tick.label).lower() in text]
    assert not [fact for fact in Fact if str(fact.label).lower() in text]


def test_analysts_are_never_named(belize: Portal, ana: User, police: Recipient) -> None:
    assert ana.username not in text_of(render_letter(notice_to(belize, ana, police))).lower().split()


def test_day_of_the_first_notice_to_a_provider_is_named(belize: Portal, ana: User, police: Recipient) -> None:
    notice = notice_to(belize, ana, police)
    mine = Referral.objects.get(items__notice=notice)
    Referral.objects.create(
        incident=mine.incident,
        assessment=mine.assessment,
        kind="takedown",
        recipient="Example Hosting",
        to=host(by=ana),
        by=ana,
        at=HOUR,
        noticed_at=HOUR,
    )
    Referral.objects.filter(pk=mine.pk).update(kind="police")
    assert "We first notified a provider on 2026-03-02." in text_of(render_letter(notice))


@pytest.mark.parametrize("language", sorted(path.stem for path in WORDS.glob("*.toml")))
def test_each_language_has_the_same_words(language: str) -> None:
    english, words = case_words("en"), tomllib.loads((WORDS / f"{language}.toml").read_text())
    assert set(words) == set(english)
    assert all(words.values())
    for name, text in english.items():
        fields = {field for _text, field, *_rest in string.Formatter().parse(text) if field}
        assert {field for _text, field, *_rest in string.Formatter().parse(words[name]) if field} == fields


def test_every_language_of_shipped_letters_has_words() -> None:
    assert {path.stem for path in SHIPPED.glob("*.toml")} <= {path.stem for path in WORDS.glob("*.toml")}


def test_number_of_queries_does_not_grow_with_the_addresses(belize: Portal, ana: User, police: Recipient) -> None:
    def queries(*addresses: str) -> int:
        notice = notice_to(belize, ana, police, *addresses)
        items = list(notice.items.select_related("incident", "notice__recipient"))
        with CaptureQueriesContext(connection) as captured:
            case_facts(items, "en")
        return len(captured)

    assert queries(ADDRESS) == queries(*(f"https://example.org/{number}" for number in range(5))) == 5


def test_sent_letter_keeps_its_facts(belize: Portal, ana: User, police: Recipient) -> None:
    notice = notice_to(belize, ana, police)
    letter = render_letter(notice)
    seal_copies(notice, list(notice.items.all()), letter, now=HALF_PAST)
    Incident.objects.update(child_in_danger=True)
    assert render_letter(notice).case_file == letter.case_file
