"""Tests of the rendered letter: its text, its table, and content that it must never include."""

import csv
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from analysts.codes import Severity
from analysts.codes.recipient_kinds import REFERRED
from analysts.incidents.contents import storing
from analysts.models import (
    AvailabilityCheck,
    Chase,
    DeadReason,
    Incident,
    LegalText,
    LegalTextKind,
    Notice,
    NoticeItem,
    NoticeTemplate,
    Purpose,
    Recipient,
    RecipientKind,
    Referral,
    SenderIdentity,
    User,
)
from analysts.takedown.facts import redaction
from analysts.takedown.legal import texts as legal_texts
from analysts.takedown.legal.tests.test_senders import AWARD
from analysts.takedown.notices import sending, texts
from analysts.takedown.notices.rendering import MOST_LISTED, CannotRender, Letter, render_letter
from analysts.takedown.notices.replies import links as reply_links
from analysts.tests.cases.there import HALF_PAST, HOUR
from analysts.tests.notices import host, planned, referred
from countries.models import Portal

LINK = "https://report.example.org/notice/en/secret/"
ADDRESS = "https://example.org/gallery?utm_source=one&page=2"
LEAVES = "https://example.org/gallery?page=2"


@pytest.fixture(autouse=True)
def _texts(belize: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    texts.load_shipped_texts(now=HOUR)
    monkeypatch.setattr(reply_links, "reply_url", lambda notice: LINK)


@pytest.fixture
def to(sena: User) -> Recipient:
    return host(by=sena)


def notice_about(
    portal: Portal, by: User, to: Recipient, *addresses: str, purpose: Purpose = Purpose.FIRST, interval: int = 0
) -> Notice:
    for address in addresses or [ADDRESS]:
        referral = referred(portal, by, to, address, now=HOUR)
        if interval:
            referral.noticed_at = HOUR
            referral.save()
        item = planned(referral, by=by, now=HALF_PAST, purpose=purpose, interval=interval)
        assert item is not None
        notice = item.notice
    return reread(notice)


def reread(notice: Notice) -> Notice:
    return Notice.objects.select_related("recipient", "link").get(pk=notice.pk)


def rows(letter: Letter) -> list[list[str]]:
    return list(csv.reader(letter.attachment.decode().splitlines()))


def test_letter_says_what_where_and_how_to_answer(belize: Portal, ana: User, to: Recipient) -> None:
    notice = notice_about(belize, ana, to)
    letter = render_letter(notice)
    subject = "Please remove from your network: child sexual abuse material (CSAM)"
    assert letter.subject == f"[{notice.reference}] {subject}"
    assert letter.body.startswith(
        f"To Example Hosting\nOur reference: {notice.reference}\nAddresses: 1\nHost: example[.]org\n\nThis is a notice"
    )
    assert f"\n{LINK}\n" in letter.body
    assert f"works until {notice.link.expires_on.isoformat()}" in letter.body
    assert "\n1. hxxps://example[.]org/gallery?page=2\n" in letter.body
    assert rows(letter) == [
        [
            *("number", "address", "first_reported", "category", "first_notice"),
            *("last_seen", "provider", "network", "network_address", "country"),
        ],
        [
            *("1", LEAVES, "2026-03-02", "child sexual abuse material", ""),
            *("2026-03-02T09:00Z", "Example Hosting", "", "", "NL"),
        ],
    ]
    assert letter.file_name == f"{notice.reference}.csv"
    assert letter.addresses == {item.pk: LEAVES for item in notice.items.all()}
    assert (letter.template.kind, letter.template.language) == (RecipientKind.HOST, "en")


@pytest.mark.parametrize("purpose", [Purpose.AGAIN, Purpose.ESCALATION])
def test_later_letter_states_the_notification_date_of_each_address(
    purpose: Purpose, belize: Portal, ana: User, to: Recipient
) -> None:
    notice = notice_about(belize, ana, to, "example.org/a", "example.org/b", purpose=purpose, interval=1)
    addresses = render_letter(notice).addresses
    later = Referral.objects.get(items=max(addresses, key=addresses.__getitem__))
    later.noticed_at = HOUR + timedelta(days=3)
    later.save()
    letter = render_letter(notice)

    assert [row[1].rpartition("/")[2] + " " + row[4] for row in rows(letter)[1:]] == ["a 2026-03-02", "b 2026-03-05"]
    assert "2026-03-02" in letter.body
    assert "the attached file states the day on which we first notified you of it." in letter.body


def test_the_link_to_answer_is_the_only_link_and_no_address_is_in_the_subject(
    belize: Portal, ana: User, to: Recipient
) -> None:
    addresses = ["https://example.org/a?next=http://example.net/b", "http://www.example.com/", "tg://example.org/c"]
    letter = render_letter(notice_about(belize, ana, to, *addresses))
    without_link = letter.body.replace(LINK, "")
    assert re.search(r"(?i)https?:|(?<!hxxp)(?<!hxxps)://|www\.", without_link) is None
    assert "example" not in letter.subject + letter.file_name


def test_each_attempt_makes_the_same_bytes(belize: Portal, ana: User, to: Recipient) -> None:
    notice = notice_about(belize, ana, to, *(f"https://example.org/{number}" for number in (3, 1, 2)))
    one, two = render_letter(notice), render_letter(reread(notice))
    assert (one.subject, one.body, one.attachment) == (two.subject, two.body, two.attachment)
    assert [row[1] for row in rows(one)[1:]] == [f"https://example.org/{number}" for number in (1, 2, 3)]


def test_addresses_are_defanged_in_the_table_where_the_recipient_wants_it(
    belize: Portal, ana: User, to: Recipient
) -> None:
    to.defang = True
    to.save()
    assert rows(render_letter(notice_about(belize, ana, to)))[1][1] == "hxxps://example[.]org/gallery?page=2"


def values_of(letter: Letter) -> dict[str, str]:
    """The cells of the first address, by their headings."""
    headings, cells, *_more = rows(letter)
    return dict(zip(headings, cells, strict=True))


def test_letter_and_table_state_the_same_facts(belize: Portal, ana: User, to: Recipient, settings: Any) -> None:
    settings.HOTLINE_TEAM, settings.HOTLINE_MAILBOX = "Takedown team", "notices@hotline.example"
    settings.HOTLINE_TELEPHONE, settings.HOTLINE_WEBSITE = "+44 20 7946 0000", "https://hotline.example/"
    settings.PUBLIC_URL = "https://report.example.org"
    notice = notice_about(belize, ana, to)
    incident = notice.items.get().incident
    Chase.objects.filter(incident=incident).update(network="AS64496 Example Net")
    for outcome, at in {"online": HALF_PAST, "gone": HALF_PAST + timedelta(hours=1)}.items():
        AvailabilityCheck.objects.create(incident=incident, outcome=outcome, at=at, recorded_at=at, by=ana)
    letter = render_letter(reread(notice))
    for line in (
        "Last seen online: 2026-03-02 09:30 UTC\nHosting provider: Example Hosting\nNetwork: AS64496 Example Net\n"
        "Country: Netherlands\n",
        "We confirm our good-faith belief that the information and allegations in this letter",
        "How to recognise our letters: https://report.example.org/network/en/letters/\n",
        "\nTakedown team\nExample Hotline\nE-mail: notices@hotline.example\nTelephone: +44 20 7946 0000\n"
        "Website: https://hotline.example/\n",
    ):
        assert line in letter.body
    cells = values_of(letter)
    assert [cells[name] for name in ("last_seen", "provider", "network", "country")] == [
        *("2026-03-02T09:30Z", "Example Hosting", "AS64496 Example Net", "NL"),
    ]


def test_letter_calls_content_what_it_was_found_to_be(belize: Portal, ana: User, to: Recipient) -> None:
    notice = notice_about(belize, ana, to, "example.org/a", "example.org/b")
    assist = "text or links that assist child sexual abuse"
    assert assist not in render_letter(reread(notice)).body
    *_others, last = render_letter(reread(notice)).items
    Incident.objects.filter(pk=last.incident_id).update(severity=Severity.INCHOATE)
    assert f"notice of {assist}" not in render_letter(reread(notice)).body
    assert {"child sexual abuse material (CSAM)", assist} == set(
        render_letter(reread(notice)).subject.partition(": ")[2].split(", ")
    )
    Incident.objects.update(severity=Severity.INCHOATE)
    letter = render_letter(reread(notice))
    assert letter.subject.endswith(f": {assist}")
    assert f"This is a notice of {assist} hosted on your network." in letter.body


def test_unknown_facts_drop_their_lines_and_hold_no_letter(
    belize: Portal, ana: User, to: Recipient, settings: Any
) -> None:
    settings.HOTLINE_TEAM = settings.HOTLINE_TELEPHONE = settings.HOTLINE_WEBSITE = ""
    notice = notice_about(belize, ana, to)
    Chase.objects.update(provider=None, country="", trace=0, traced_at=None, routed_trace=None)
    letter = render_letter(reread(notice))
    for name in ("Hosting provider", "Network", "IP address", "Country", "Telephone", "Website"):
        assert f"{name}:" not in letter.body
    assert "\n\n\n" not in letter.body
    assert "Reason and legal ground: child sexual abuse material, which states must prohibit" in letter.body


@pytest.mark.parametrize("kind", REFERRED)
@pytest.mark.parametrize("is_older", [False, True])
def test_who_may_not_learn_times_reads_none_in_letter_and_table(
    belize: Portal, ana: User, to: Recipient, kind: RecipientKind, is_older: bool
) -> None:
    to.kind = kind
    to.save()
    if is_older:
        save_older_text(kind, Purpose.FIRST)
    letter = render_letter(notice_about(belize, ana, to))
    times = {"first_reported", "last_seen", "network_address"}
    assert times & values_of(letter).keys() == (times if kind.row.sees_times else set())
    has_times = re.search(r"2026-03-02|09:00", letter.body + letter.attachment.decode()) is not None
    assert has_times is kind.row.sees_times


def save_older_text(kind: str, purpose: Purpose) -> None:
    """A text of an operator from before first notices had compulsory facts."""
    texts_of_kind = {"kind": kind, "purpose": purpose, "language": "en", "at": HOUR}
    NoticeTemplate.objects.create(
        **texts_of_kind, version=9, subject="[{reference}] Ours", body="{reference}\n\n{answer_link}"
    )


@pytest.mark.parametrize(
    ("kind", "purpose"),
    [(kind, purpose) for kind in RecipientKind for purpose in texts.purposes_of_kind(kind) if purpose.row.comes_first],
)
def test_older_text_of_an_operator_is_sent_with_the_facts_that_it_lacks(
    belize: Portal, ana: User, to: Recipient, kind: RecipientKind, purpose: Purpose, settings: Any
) -> None:
    settings.HOTLINE_TELEPHONE = "+44 20 7946 0000"
    to.kind = kind
    to.save()
    save_older_text(kind, purpose)
    letter = render_letter(notice_about(belize, ana, to, purpose=purpose))
    for line in (
        *("Reason and legal ground: child", "1. hxxps://example[.]org/gallery?page=2", "Hosting provider: Example"),
        *("Country: Netherlands", "We confirm our good-faith belief", "Telephone: +44 20 7946 0000"),
    ):
        assert letter.body.count(line) == 1
    assert ("Last seen online: 2026-03-02 09:00 UTC" in letter.body) is kind.row.sees_times
    assert letter.body.count(LINK) == 1


def test_letter_sent_by_an_earlier_release_is_read_as_it_was(belize: Portal, ana: User, to: Recipient) -> None:
    notice = notice_about(belize, ana, to)
    save_older_text("host", Purpose.FIRST)
    item = notice.items.get()
    storing.seal_copy(item, "https://example.org/as-sent", now=HALF_PAST)
    item.save()
    letter = render_letter(reread(notice))
    assert letter.body == f"{notice.reference}\n\n{LINK}\n"
    assert values_of(letter)["provider"] == ""


@pytest.mark.parametrize("kind", REFERRED)
def test_only_police_and_hotlines_receive_the_category(belize: Portal, ana: User, to: Recipient, kind: str) -> None:
    to.kind = kind
    to.save()
    letter = render_letter(notice_about(belize, ana, to))
    category = "C: other indecent" if kind in ("police", "hotline") else "child sexual abuse material"
    assert dict(zip(*rows(letter), strict=True))["category"] == category
    assert letter.template.kind == kind


def test_table_is_in_english_for_everybody(belize: Portal, ana: User, to: Recipient) -> None:
    to.kind, to.languages = RecipientKind.POLICE, ["es"]
    to.save()
    with override("es"):
        assert rows(render_letter(notice_about(belize, ana, to)))[1][3] == "C: other indecent"


def test_letter_is_in_the_first_language_there_is(belize: Portal, ana: User, to: Recipient) -> None:
    to.languages = ["ur", "pt-br"]
    to.save()
    letter = render_letter(notice_about(belize, ana, to))
    assert "À atenção de Example Hosting" in letter.body


def test_a_reminder_says_since_when(belize: Portal, ana: User, to: Recipient) -> None:
    notice = notice_about(belize, ana, to, purpose=Purpose.AGAIN, interval=1)
    Notice.objects.filter(pk=notice.pk).update(scheduled_at=HOUR + timedelta(hours=25, minutes=59))
    assert "On 2026-03-02 we first notified you of" in render_letter(reread(notice)).body
    assert "25 hours later" in render_letter(reread(notice)).body


def test_five_hundred_addresses_are_all_in_the_table_and_some_in_the_text(
    belize: Portal, ana: User, to: Recipient
) -> None:
    notice = notice_about(belize, ana, to)
    item = notice.items.get()
    many(item, 499)
    with CaptureQueriesContext(connection) as asked:
        letter = render_letter(reread(notice))
    # The items; the checks, the hosting, the chases and the traces of all of them; and the grounds and duties in law.
    assert len(asked) == 9
    assert len(rows(letter)) == 501
    assert letter.body.count("hxxps://") == MOST_LISTED
    assert f"\n… + 480 ({notice.reference}.csv)\n" in letter.body
    assert "Addresses: 500\n" in letter.body


def many(item: NoticeItem, number: int) -> None:
    """Add `number` copies of the item, inserted directly instead of through the usual steps."""
    for at in range(number):
        incident = Incident.objects.get(pk=item.incident_id)
        incident.pk, incident.fingerprint = None, b"%032d" % at
        incident._state.adding = True
        incident.id = Incident._meta.pk.get_default()
        incident.save()
        copy = NoticeItem(notice=item.notice, incident=incident, interval=at + 1, referral=item.referral, trace=1)
        storing.seal_copy(copy, f"https://example.org/{at}", now=HALF_PAST)
        copy.save()


def test_what_was_left_out_is_not_in_the_letter(belize: Portal, ana: User, to: Recipient) -> None:
    notice = notice_about(belize, ana, to, "https://example.org/1", "https://example.org/2")
    left = notice.items.first()
    assert left is not None
    notice.items.exclude(pk=left.pk).update(dropped="gone")
    assert list(render_letter(notice).addresses) == [left.pk]


def test_what_was_sent_is_repeated_as_it_was_sent(belize: Portal, ana: User, to: Recipient) -> None:
    notice = notice_about(belize, ana, to)
    item = notice.items.get()
    storing.seal_copy(item, "https://example.org/as-sent", now=HALF_PAST)
    item.save()
    assert render_letter(reread(notice)).addresses == {item.pk: "https://example.org/as-sent"}


def test_cells_that_a_spreadsheet_would_run_are_quoted(belize: Portal, ana: User, to: Recipient) -> None:
    notice = notice_about(belize, ana, to)
    item = notice.items.get()
    storing.seal_copy(item, "=1+1", now=HALF_PAST)
    item.save()
    assert rows(render_letter(reread(notice)))[1][1] == "'=1+1"


def test_a_name_cannot_begin_another_header(belize: Portal, ana: User, to: Recipient) -> None:
    Recipient.objects.filter(pk=to.pk).update(name="Example\r\nBcc: petra@example.org {answer_link}")
    NoticeTemplate.objects.create(
        kind="host", language="en", version=2, subject="{reference} {recipient}", body="{answer_link}", at=HOUR
    )
    to.refresh_from_db()
    letter = render_letter(notice_about(belize, ana, to))
    assert letter.subject.endswith(" Example Bcc: petra@example.org {answer_link}")


def missing(notice: Notice) -> DeadReason:
    with pytest.raises(CannotRender) as refused:
        render_letter(reread(notice))
    assert "example" not in repr(refused.value)
    return refused.value.reason


def test_without_a_text_nothing_leaves(
    belize: Portal, ana: User, to: Recipient, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = notice_about(belize, ana, to)
    monkeypatch.setattr(texts, "text_for_recipient", lambda recipient, purpose: None)
    assert missing(notice) == DeadReason.NO_TEMPLATE


def test_without_what_the_text_asks_for_nothing_leaves(belize: Portal, ana: User, to: Recipient, settings: Any) -> None:
    notice = notice_about(belize, ana, to)
    settings.HOTLINE_NAME = ""
    assert missing(notice) == DeadReason.NO_PLACEHOLDER


def test_what_cannot_be_opened_keeps_the_letter_back(belize: Portal, ana: User, to: Recipient) -> None:
    notice = notice_about(belize, ana, to)
    Incident.objects.update(sealed_address=b"", sealed_mask=b"")
    assert missing(notice) == DeadReason.UNREADABLE


def test_unconfirmed_redaction_blocks_the_letter(belize: Portal, ana: User, to: Recipient) -> None:
    notice = notice_about(belize, ana, to, "https://example.org/gallery?share_id=one")
    with pytest.raises(redaction.Unconfirmed):
        render_letter(notice)


# --- Sent letters -----------------------------------------------------------------------------------------


def suspend_status() -> None:
    sender = SenderIdentity.objects.get()
    sender.pk, sender.version, sender.suspended_from = uuid.uuid4(), 2, sender.valid_from
    sender.save(force_insert=True)


CHANGES: dict[str, Callable[[], object]] = {
    "duty": lambda: LegalText.objects.filter(kind=LegalTextKind.DUTY).update(texts="en: Another duty."),
    "ground": lambda: LegalText.objects.filter(kind=LegalTextKind.GROUND).update(texts="en: Another ground."),
    "status": suspend_status,
    "recipient": lambda: Recipient.objects.update(name="Another name"),
    "defanged": lambda: Recipient.objects.update(defang=True),
    "category": lambda: Incident.objects.update(severity=Severity.INCHOATE),
    "reported": lambda: Incident.objects.update(first_sighted=HOUR - timedelta(days=3)),
    "hosting": lambda: Chase.objects.update(country="FR", network="AS64500"),
    "text": lambda: NoticeTemplate.objects.create(
        kind=RecipientKind.PLATFORM, purpose=Purpose.FIRST, language="en", version=9, subject="x", body="x", at=HOUR
    ),
}
CHANGED_SETTINGS = {
    "HOTLINE_NAME": "Another hotline",
    "HOTLINE_TEAM": "Another team",
    "HOTLINE_MAILBOX": "another@example.org",
    "HOTLINE_TELEPHONE": "+44 (0)20 7946 0001",
    "HOTLINE_WEBSITE": "https://another.example.org/",
    "PUBLIC_URL": "https://moved.example.org",
}


@pytest.mark.parametrize("change", [*CHANGES, *CHANGED_SETTINGS])
def test_letter_that_was_sent_reads_as_it_was_sent(
    change: str, belize: Portal, ana: User, olga: User, settings: Any
) -> None:
    """A source of its words changes later; the next letter has the change."""
    settings.PUBLIC_URL, settings.HOTLINE_MAILBOX = "https://report.example.org", "notices@example.org"
    settings.HOTLINE_TEAM, settings.HOTLINE_TELEPHONE = "Takedown team", "+44 (0)20 7946 0000"
    settings.HOTLINE_WEBSITE = "https://hotline.example.org/"
    legal_texts.load_shipped()
    SenderIdentity.objects.create(name="Example Hotline gGmbH", by=olga, at=HOUR, **AWARD)
    to = host(by=ana, kind=RecipientKind.PLATFORM)
    notice = notice_about(belize, ana, to)
    attempt = sending.begin_attempt(notice.pk, now=notice.scheduled_at)
    assert attempt is not None
    sending.mark_sent(notice, attempt.letter, by=None, now=notice.scheduled_at)
    later = notice_about(belize, ana, to, "https://example.org/later")
    assert later.pk != notice.pk
    before = {row.pk: text_of(render_letter(reread(row))) for row in (notice, later)}
    assert before[notice.pk] == text_of(attempt.letter)
    if change in CHANGES:
        CHANGES[change]()
    else:
        setattr(settings, change, CHANGED_SETTINGS[change])
    assert text_of(render_letter(reread(notice))) == before[notice.pk]
    assert text_of(render_letter(reread(later))) != before[later.pk]


def text_of(letter: Letter) -> tuple[str, ...]:
    return (letter.subject, letter.body, *letter.table, *letter.case_file)
