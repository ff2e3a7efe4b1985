"""Tests of the reply link: derived from the notice's id and not recoverable from the database."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from analysts.models import DeadReason, Notice, NoticeTemplate, Recipient, RecipientKind, User
from analysts.takedown.notices.replies import links as reply_links
from analysts.tests import replies
from analysts.tests.factories import incident_of
from countries.models import Language, Portal
from countries.words import language_memory
from reports import installation_keys, notice_answers, notice_links
from reports.models import NoticeLink

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 10, 20, tzinfo=UTC)


def noticed(*, host: str = "host[.]example", language: str = "en") -> Notice:
    pk = uuid.uuid4()
    return Notice.objects.create(
        id=pk,
        reference="RP-7K2M-XQ4D",
        recipient=Recipient.objects.create(kind=RecipientKind.HOST, name="Example Hosting"),
        message_id=f"<{pk.hex}@example.org>",
        link=reply_links.create_link(
            notice_id=pk, reference="RP-7K2M-XQ4D", host_text=host, language=language, now=NOW
        ),
        made_at=NOW,
        scheduled_at=NOW,
    )


def secret_in(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def opened(url: str, *, now: datetime = NOW) -> notice_answers.OpenNotice | None:
    credentials = notice_links.derive_link_credentials(notice_links.decode_secret(secret_in(url)))
    return notice_answers.look_up(credentials, now=now)


def test_link_leads_to_its_notice_until_it_expires(belize: Portal, settings: Any) -> None:
    settings.PUBLIC_URL = "https://report.example.org"
    url = reply_links.reply_url(noticed(language="fr"))

    assert url.startswith("https://report.example.org/notice/fr/")
    found = opened(url)
    assert found is not None
    assert (found.reference, found.host, found.is_full) == ("RP-7K2M-XQ4D", "host[.]example", False)
    last = NOW + timedelta(days=settings.NOTICE_LINK_DAYS)
    assert opened(url, now=last) is not None
    assert opened(url, now=last + timedelta(days=1)) is None


def test_link_of_the_worker_is_in_a_language_that_was_opened_here(
    belize: Portal, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PUBLIC_URL = "https://report.example.org"
    rule = "nplurals=2; plural=(n != 1);"
    Language.objects.create(
        tag="ne", name="नेपाली", english_name="Nepali", plural_rule=rule, is_open=True, shows_words=True
    )
    # The worker answers no request, before which languages are read.
    monkeypatch.setattr(language_memory, "_read_at", float("-inf"))
    assert reply_links.reply_url(noticed(language="ne")).startswith("https://report.example.org/notice/ne/")


def test_without_an_address_of_the_public_there_is_no_link(belize: Portal, settings: Any) -> None:
    settings.PUBLIC_URL = ""
    assert reply_links.reply_url(noticed()) == ""


def test_notice_about_several_hosts_names_none_of_them(belize: Portal, settings: Any) -> None:
    settings.PUBLIC_URL = "https://report.example.org"
    notice = noticed(language="ar")
    reply_links.complete_link(notice, numbers=[1], hosts=["host[.]example"])
    same = opened(reply_links.reply_url(notice))
    reply_links.complete_link(notice, numbers=[1], hosts=["other[.]example"])
    reply_links.complete_link(notice, numbers=[1], hosts=["host[.]example"])
    several = opened(reply_links.reply_url(notice))

    assert same is not None
    assert same.host == "host[.]example"
    assert several is not None
    assert several.host == ""
    assert "/notice/ar/" in reply_links.reply_url(notice)


def test_stolen_database_leads_to_no_secret(belize: Portal, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No row contains a part of the link, and another staff key derives another secret."""
    settings.PUBLIC_URL = "https://report.example.org"
    notice = noticed()
    secret = secret_in(reply_links.reply_url(notice))
    kept = notice_links.decode_secret(secret)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id::text, sealed FROM reports_noticelink")
        [(link_id, sealed)] = cursor.fetchall()
        cursor.execute("SELECT row_to_json(notice)::text FROM analysts_notice AS notice")
        [(row,)] = cursor.fetchall()

    assert secret not in row
    assert kept.hex() not in row + link_id
    assert kept not in bytes(sealed)
    assert b"RP-7K2M" not in bytes(sealed)
    assert b"example" not in bytes(sealed)
    monkeypatch.setattr(installation_keys, "reply_link_key", lambda: bytes(32))
    assert reply_links.secret_of(notice.pk) != kept


def test_fingerprint_key_leads_to_no_new_link(belize: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    notice = noticed()
    with monkeypatch.context() as patched:
        patched.setattr(installation_keys, "reply_link_key", installation_keys.fingerprint_key)
        guessed = reply_links.secret_of(notice.pk)

    assert notice_links.derive_link_credentials(guessed).link_id != notice.link_id


def test_link_made_with_the_fingerprint_key_keeps_its_address(
    belize: Portal, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Notices sent before reply links had a key of their own: a reminder or a second attempt writes the same link."""
    settings.PUBLIC_URL = "https://report.example.org"
    with monkeypatch.context() as patched:
        patched.setattr(installation_keys, "reply_link_key", installation_keys.fingerprint_key)
        notice = noticed(language="fr")
        sent = reply_links.reply_url(notice)

    assert reply_links.reply_url(notice) == sent
    reply_links.complete_link(notice, numbers=[1], hosts=["other[.]example"])
    found = opened(sent)
    assert found is not None
    assert found.host == ""


@pytest.mark.parametrize(
    ("state", "is_blank"),
    [("sent", True), ("dropped", True), ("gathering", False), ("ready", False), ("dead", False)],
)
def test_link_that_takes_no_answers_any_more_forgets_what_it_showed(
    belize: Portal, ana: User, settings: Any, state: str, is_blank: bool
) -> None:
    settings.PUBLIC_URL = "https://report.example.org"
    notice = replies.noticed(incident_of(belize), by=ana, now=NOW)
    words = NoticeTemplate.objects.create(kind=RecipientKind.HOST, language="en", subject="S", body="B", at=NOW)
    rest: dict[str, Any] = {"sent": {"sent_at": NOW, "template": words}, "dead": {"dead_reason": DeadReason.AWAY}}
    Notice.objects.filter(pk=notice.pk).update(state=state, **rest.get(state, {}))
    url = reply_links.reply_url(notice)
    last = NOW + timedelta(days=settings.NOTICE_LINK_DAYS)
    assert reply_links.blank_old_links(now=last) == 0
    assert opened(url, now=last) is not None

    assert reply_links.blank_old_links(now=last + timedelta(days=1)) == is_blank
    assert (bytes(NoticeLink.objects.get().sealed) == b"") == is_blank
    # The page is blank even if the public server's clock is wrong.
    assert (opened(url) is None) == is_blank
    assert reply_links.blank_old_links(now=last + timedelta(days=2)) == 0


def test_blanking_looks_at_what_can_be_read_alone() -> None:
    day = NOW.date()
    history = (NoticeLink(id=uuid.uuid4(), expires_on=day, sealed=b"") for _ in range(2000))
    open_ones = (NoticeLink(id=uuid.uuid4(), expires_on=day, sealed=b"sealed") for _ in range(10))
    NoticeLink.objects.bulk_create([*history, *open_ones])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE reports_noticelink")

    assert "notice_link_readable" in NoticeLink.objects.exclude(sealed=b"").explain()
