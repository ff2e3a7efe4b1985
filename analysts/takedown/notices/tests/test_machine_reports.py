"""Machine-readable reports: every object is valid by the schemas of `xarf` and by our rules, or left out on record."""

import json
from email import message_from_bytes
from email.message import EmailMessage as MimeMessage
from email.policy import default
from itertools import product
from typing import Any, cast

import pytest
from django.core.mail import EmailMessage
from django.db import IntegrityError
from hypothesis import given
from hypothesis import strategies as st
from xarf import schema_validator

from analysts.codes import AgeBand, ContentKind, Flag, Severity
from analysts.codes.recipient_kinds import REFERRED, RecipientKind
from analysts.models import Assessment, Channel, Notice, NoticeItem, Recipient, TraceMethod, User
from analysts.takedown.notices import batching, texts
from analysts.takedown.notices.machine_reports.building import (
    NO_REPORTS,
    LeftOut,
    build_report,
    build_reports,
    read_codes,
)
from analysts.takedown.notices.post import build_message
from analysts.takedown.notices.rendering import render_letter
from analysts.takedown.notices.replies import links as reply_links
from analysts.takedown.notices.sending import begin_attempt, mark_sent
from analysts.takedown.recipients.actions import change_recipient
from analysts.takedown.tracing.actions import trace
from analysts.tests.cases.there import HALF_PAST, HOUR
from analysts.tests.notices import host, planned, referred
from audit.models import AuditEvent
from countries.models import Portal
from reports.addresses import defang_address, find_addresses
from tests.rig.fixtures import client_of

ADDRESS = "https://gallery.example.org/placeholderpath"
FACTS = {
    "seen_at": "2026-03-02T14:05Z",
    "provider": "Example Hosting",
    "network": "AS64496 Example Net",
    "network_address": "192.0.2.7",
    "country": "NL",
}
MAIL = ("Message-ID", "Date", "Subject", "To", "From")


@pytest.fixture(autouse=True)
def _hotline(settings: Any) -> None:
    settings.HOTLINE_NAME, settings.HOTLINE_MAILBOX = "Example Hotline", "notices@hotline.example.org"


@pytest.fixture
def to(belize: Portal, sena: User, monkeypatch: pytest.MonkeyPatch) -> Recipient:
    texts.load_shipped_texts(now=HOUR)
    monkeypatch.setattr(reply_links, "reply_url", lambda notice: "https://report.example.org/notice/en/secret/")
    return host(by=sena, channel=Channel.XARF)


def notice_to(to: Recipient, portal: Portal, by: User, *addresses: str, **more: Any) -> Notice:
    for address in addresses or [ADDRESS]:
        item = planned(referred(portal, by, to, address, now=HOUR, **more), by=by, now=HALF_PAST)
        assert item is not None
        notice = item.notice
    return Notice.objects.select_related("recipient", "link").get(pk=notice.pk)


def verdict(**codes: Any) -> Assessment:
    return Assessment(**{"severity": "A", "age_band": "7-10", "content_kind": "image", "flags": [], **codes})


def reported(address: str = ADDRESS, facts: dict[str, str] | None = None, **codes: Any) -> dict[str, Any] | LeftOut:
    return build_report(NoticeItem(), address, FACTS if facts is None else facts, verdict(**codes))


def faults(report: dict[str, Any]) -> list[str]:
    """By the schemas, and by our rules that they lack."""
    url = report["url"]
    ours = ["url"] if url != find_addresses(url)[0].normalised or "[." in url or " " in url or "hxx" in url[:3] else []
    return ours + [f"{error.field}: {error.message}" for error in schema_validator.validate(report)]


# --- Objects ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "codes"),
    [("severity", Severity), ("age_band", AgeBand), ("flag", Flag), ("content_kind", ContentKind)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_code_has_a_row(table: str, codes: Any) -> None:
    assert read_codes()[table].keys() == set(codes.values)


def test_report_of_every_verdict_is_valid_or_has_no_class() -> None:
    valid = 0
    ages = ["", *AgeBand.values]
    for severity, age, flags, kind in product(Severity, ages, [[], *([flag] for flag in Flag)], ContentKind):
        report = reported(severity=severity, age_band=age, flags=flags, content_kind=kind)
        has_class = severity in "ABC" and bool(age) and not {*flags} & {Flag.DRAWN, Flag.AI_GENERATED}
        if has_class:
            assert isinstance(report, dict)
            assert faults(report) == [], report
            valid += 1
        else:
            assert report == LeftOut.NO_CLASS
    assert valid == 3 * len(AgeBand) * (len(Flag) - 1) * len(ContentKind)


def test_report_states_what_the_letter_states() -> None:
    item = NoticeItem()
    sender = {"org": "Example Hotline", "contact": "notices@hotline.example.org", "domain": "hotline.example.org"}
    assert build_report(item, ADDRESS, FACTS, verdict(age_band="14-15", severity="C")) == {
        "xarf_version": "4.2.0",
        "report_id": str(item.pk),
        "timestamp": "2026-03-02T14:05:00Z",
        "reporter": sender,
        "sender": sender,
        "source_identifier": "192.0.2.7",
        "category": "content",
        "type": "csam",
        "url": ADDRESS,
        "domain": "gallery.example.org",
        "classification": "B2",
        "detection_method": "manual_review",
        "media_type": "image",
        "verified_at": "2026-03-02T14:05:00Z",
        "verification_method": "manual",
        "hosting_provider": "Example Hosting",
        "asn": 64496,
        "country_code": "NL",
    }


@pytest.mark.parametrize("name", FACTS)
def test_unknown_fact_is_left_out_of_a_valid_report(name: str) -> None:
    report = reported(facts={fact: text for fact, text in FACTS.items() if fact != name})
    if name == "seen_at":
        assert report == LeftOut.NOT_SEEN
    else:
        assert isinstance(report, dict)
        assert (faults(report), FACTS[name] in report.values()) == ([], False)


@pytest.mark.parametrize(
    ("address", "outcome"),
    [
        ("https://xn--bcher-kva.example/1", "valid"),
        ("https://example.xn--p1ai/", "valid"),
        ("https://192.0.2.1/gallery", "valid"),
        ("https://[2001:db8::7]/gallery", "valid"),
        ("http://example.org:8080/a%20b?c=%C3%A9#part", "valid"),
        ("https://a--b.example.org/", "valid"),
        ("tg://resolve?domain=placeholder", "valid"),
        ("hxxps://host[.]example[.]org/1", LeftOut.NO_LINK),
        ("hxxps://host.example.org/1", LeftOut.NO_LINK),
        ("https://host[.]example.org/1", LeftOut.NO_LINK),
        ("https://host.example.org/a b", LeftOut.NO_LINK),
        ("https://host.example.org/a|b", LeftOut.NO_LINK),
        ("https://host.example.org/%zz", LeftOut.NO_LINK),
        ("https://host.example.org/#a#b", LeftOut.NO_LINK),
    ],
)
def test_address_is_as_programs_read_it_or_goes_without(address: str, outcome: object) -> None:
    report = reported(address)
    if isinstance(report, LeftOut):
        assert report == outcome
    else:
        assert (outcome, schema_validator.validate(report), report["url"]) == ("valid", [], address)
        assert report.get("domain", "") in address
        assert [sign for sign in ("--", "192", "[", "xn") if sign in report.get("domain", "")] == []


def test_report_without_host_and_network_address_is_left_out() -> None:
    assert reported("tg://resolve?domain=placeholder", {**FACTS, "network_address": ""}) == LeftOut.NO_HOST


@given(
    path=st.text(max_size=40),
    host_name=st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?\.(example|org|xn--p1ai|museum)", fullmatch=True),
    provider=st.text(max_size=120),
    network=st.text(max_size=20) | st.integers(0, 10**10).map("AS{}".format),
)
def test_whatever_is_reported_and_typed_the_report_is_valid(
    path: str, host_name: str, provider: str, network: str
) -> None:
    for address in find_addresses(f"https://{host_name}/{path}"):
        report = reported(address.normalised, {**FACTS, "provider": provider, "network": network})
        assert report == LeftOut.NO_LINK or schema_validator.validate(cast("dict[str, Any]", report)) == []


# --- Mail -------------------------------------------------------------------------------------------------------------


def mail_of(notice: Notice) -> tuple[MimeMessage, bytes]:
    letter = render_letter(notice)
    content = build_message(notice, letter, build_reports(notice, letter), now=HALF_PAST).message().as_bytes()
    return message_from_bytes(content, policy=default), content


@pytest.mark.parametrize("defang", [False, True])
def test_letter_to_a_recipient_who_takes_reports(belize: Portal, ana: User, to: Recipient, defang: bool) -> None:
    to.defang = defang
    to.save()
    notice = notice_to(to, belize, ana)
    place: dict[str, Any] = {"country": "NL", "provider": to.name, "network": "AS64496 Example Net", "ip": "192.0.2.7"}
    [incident] = [item.incident for item in notice.items.all()]
    trace(by=ana, incident=incident, method=TraceMethod.DNS, at=HALF_PAST, now=HALF_PAST, **place)
    message, content = mail_of(notice)
    assert (message.get_content_type(), message.get_param("report-type")) == ("multipart/report", "feedback-report")
    letter, feedback, report, table = message.iter_parts()
    assert [part.get_content_type() for part in (letter, feedback, report, table)] == [
        "text/plain", "message/feedback-report", "application/json", "text/csv",
    ]  # fmt: skip
    assert dict(feedback.get_payload(0).items()) == {  # type: ignore[union-attr] # a message
        "Feedback-Type": "abuse",
        "User-Agent": "reporting-portals/1",
        "Version": "1",
    }
    assert (report.get_param("name"), report.get_filename(), table.get_filename()) == (
        "xarf.json",
        "xarf.json",
        f"{notice.reference}.csv",
    )
    xarf = json.loads(report.get_content())
    assert (faults(xarf), xarf["source_identifier"]) == ([], "192.0.2.7")
    assert "192.0.2.7" in table.get_content()
    # In clear only in the object, which no mail program shows, and in the table of a recipient who wants it so.
    assert ADDRESS not in "".join([letter.get_content(), *map(str, message.values())])
    assert (ADDRESS in table.get_content()) is not defang
    assert defang_address(ADDRESS) in letter.get_content()
    assert b"placeholderpath" not in content.partition(b"\n\n")[0]


def test_several_addresses_are_a_file_each_and_each_attempt_the_same(belize: Portal, ana: User, to: Recipient) -> None:
    drawn = {"https://c.example.org/"}
    notice = notice_to(to, belize, ana, "https://a.example.org/", "https://b.example.org/")
    notice_to(to, belize, ana, *drawn, flags=[Flag.DRAWN])
    letter = render_letter(notice)
    reports = build_reports(notice, letter)
    assert [name for name, _content in reports.files] == ["xarf-1.json", "xarf-2.json"]
    assert [json.loads(content)["url"] for _name, content in reports.files] == [
        "https://a.example.org/",
        "https://b.example.org/",
    ]
    assert reports.left_out == {"no_class": 1}
    assert build_reports(notice, render_letter(notice)) == reports


@pytest.mark.parametrize("kind", REFERRED)
def test_who_did_not_ask_gets_the_same_bytes(belize: Portal, ana: User, to: Recipient, kind: str) -> None:
    to.kind, to.channel = kind, Channel.EMAIL
    to.save()
    notice = notice_to(to, belize, ana)
    letter = render_letter(notice)
    assert build_reports(notice, letter) == NO_REPORTS
    mail = build_message(notice, letter, NO_REPORTS, now=HALF_PAST)
    plain = EmailMessage(letter.subject, letter.body, to=[to.email], headers=mail.extra_headers, reply_to=mail.reply_to)
    plain.attach(letter.file_name, letter.attachment, "text/csv")
    if letter.case_file:
        plain.attach(f"{notice.reference}.txt", "".join(letter.case_file), "text/plain")
    both = [made.message() for made in (mail, plain)]
    for message in both:
        message.set_boundary("same")
    assert both[0].as_bytes() == both[1].as_bytes()


def test_numbers_of_reports_are_on_record(belize: Portal, ana: User, to: Recipient) -> None:
    notice = notice_to(to, belize, ana, "https://a.example.org/")
    notice_to(to, belize, ana, "https://c.example.org/", flags=[Flag.DRAWN])
    attempt = begin_attempt(notice.pk, now=notice.scheduled_at)
    assert attempt is not None
    mark_sent(attempt.notice, attempt.letter, attempt.reports, by=None, now=notice.scheduled_at)
    details = AuditEvent.objects.filter(action="notice.sent").latest("number").details
    assert details == {"items": 2, "attempts": 1, "machine_reports": 1, "without_report": {"no_class": 1}}


def test_letter_with_reports_has_fewer_addresses(
    belize: Portal, ana: User, to: Recipient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, "MOST_REPORTS", 2)
    first = notice_to(to, belize, ana, *(f"https://{name}.example.org/" for name in "ab"))
    assert notice_to(to, belize, ana, "https://c.example.org/") != first


# --- Who gets them ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", RecipientKind)
def test_only_providers_take_reports(olga: User, kind: RecipientKind) -> None:
    form = {"kind": kind, "name": "Example", "channel": "xarf", "email": "abuse@example.net", "time_zone": "UTC"}
    answer = client_of(olga).post("/admin/recipients/add/", form)
    assert answer.status_code == (302 if kind.row.is_provider else 422)
    if not kind.row.is_provider:
        assert "Only hosting providers and platforms take machine-readable reports." in answer.content.decode()
        with pytest.raises(IntegrityError, match="recipient_xarf_of_provider"):
            Recipient.objects.create(kind=kind, name="Example", channel="xarf")


def test_reports_need_a_second_person(olga: User, sena: User) -> None:
    recipient = host(by=sena)
    changed = change_recipient(by=olga, recipient=recipient, details={"channel": "xarf"})
    assert (changed.is_usable, changed.changed_by) == (False, olga)
    page = client_of(sena).get(f"/admin/recipients/{recipient.pk}/").content.decode()
    assert "It takes XARF reports, and forwards none to its customer." in page
