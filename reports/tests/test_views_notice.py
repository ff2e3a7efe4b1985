"""The page behind the link in a notice."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from countries.public import published
from reports import notice_links, sealing
from reports.fields import LONGEST_ANSWER
from reports.models import KeyState, NoticeAnswer, SealingKey
from reports.notice_answers import MAX_PER_HOUR
from reports.notices import Answerer, AnswerKind
from reports.tests import notices
from reports.tests.hostile import TEXTS_FOR_PAGES
from reports.tests.notices import HOST, REFERENCE, SECRET
from reports.tests.pages import Answer, errors_in, kept_text, post, title_of

pytestmark = pytest.mark.django_db

WORDS = "Ask Example Hosting Ltd, they rent our network."
REMOVED = {"kind": "removed", "text": ""}
OFFERED = [(answerer, kind) for answerer in Answerer for kind in AnswerKind if answerer in kind.row.answerers]


def answered(client: Client, fields: dict[str, str], *, path: str = "") -> Answer:
    return post(client, path or notices.path(), fields)


@pytest.mark.parametrize("answerer", Answerer)
def test_page_shows_what_the_notice_is_about_and_nothing_else_of_it(
    answerer: Answerer, open_keys: Path, client: Client
) -> None:
    notices.link(answerer=answerer)
    page = client.get(notices.path())
    text = page.content.decode()

    assert page.status_code == 200
    assert REFERENCE in text
    assert HOST in text
    offered = {kind for kind in AnswerKind if f'value="{kind}"' in text}
    assert offered == {kind for kind in AnswerKind if answerer in kind.row.answerers}
    assert [str(kind.label) in text for kind in offered] == [True] * len(offered)
    assert '<meta name="robots" content="noindex">' in text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert not page.cookies


def test_page_is_in_every_language_of_the_public_pages(open_keys: Path, client: Client) -> None:
    notices.link()
    for language, _name in settings.LANGUAGES:
        page = client.get(notices.path(language=language))
        assert f'<html lang="{language}"' in page.content.decode()
        assert page.status_code == 200
    # The letter outlives the language.
    assert client.get(notices.path(language="ps")).headers["Location"] == notices.path(language="en")


@pytest.mark.parametrize("method", ["get", "head", "options", "put", "delete", "patch"])
def test_looking_changes_nothing(method: str, open_keys: Path, client: Client) -> None:
    """Mail scanners open every link, and some send other methods too."""
    row = notices.link()
    for query in ("", "?kind=removed", "?kind=removed&text=x"):
        getattr(client, method)(f"{notices.path()}{query}")

    assert notices.answers(row) == []


@pytest.mark.parametrize(("answerer", "kind"), OFFERED)
def test_answer_is_stored_sealed_and_once(
    answerer: Answerer, kind: AnswerKind, open_keys: Path, client: Client
) -> None:
    row = notices.link(answerer=answerer)
    said = {"action": "blocked"} if kind.row.asks_action else {}
    said |= {"case_number": "EX 12/26"} if kind.row.asks_number else {}
    first = answered(client, {"kind": kind, "text": WORDS, **said})
    again = answered(client, {"kind": kind, "text": WORDS, **said})

    assert (first.status_code, again.status_code) == (200, 200)
    assert title_of(first) == "Your answer is stored – Reporting portals"
    assert str(kind.label) in first.content.decode()
    assert ("Your answer counts once" in first.content.decode()) == kind.row.needs_call
    assert first.content == again.content
    assert notices.answers(row) == [{"kind": kind.value, "text": WORDS, **said}]
    kept = NoticeAnswer.objects.get()
    assert kept.received_at.second == kept.received_at.microsecond == 0
    assert WORDS.encode() not in bytes(kept.sealed)
    assert not kept.taken_in


def test_changed_answer_is_another_one(open_keys: Path, client: Client) -> None:
    row = notices.link()
    answered(client, {"kind": "acknowledged", "text": ""})
    answered(client, REMOVED)

    assert [each["kind"] for each in notices.answers(row)] == ["acknowledged", "removed"]


@pytest.mark.parametrize("kind", ["not_ours", "need_more", "contested"])
def test_answers_that_say_nothing_by_themselves_need_words(kind: str, open_keys: Path, client: Client) -> None:
    row = notices.link()
    page = answered(client, {"kind": kind, "text": "  \n"})

    assert page.status_code == 422
    assert len(errors_in(page)) == 1
    assert errors_in(page)[0].startswith("Please write ")
    assert re.search(rf'value="{kind}"[^>]*checked', page.content.decode())
    assert notices.answers(row) == []


def test_what_was_decided_is_stored_with_the_answer(open_keys: Path, client: Client) -> None:
    row = notices.link()
    said = {"action": "no_action", "ground": "law", "automated": "no", "redress": "yes"}
    page = answered(client, {"kind": "contested", "text": WORDS, **said})

    assert page.status_code == 200
    assert notices.answers(row) == [{"kind": "contested", "text": WORDS, **said}]
    # Another decision is another answer.
    answered(client, {"kind": "contested", "text": WORDS, **said, "ground": "terms"})
    assert len(notices.answers(row)) == 2


ASK_ACTION, MISFIT = "Please choose what you did.", "This does not match your answer above. Please change one of them."


@pytest.mark.parametrize(
    ("kind", "said", "error"),
    [
        ("decided", {}, ASK_ACTION),
        ("decided", {"ground": "law"}, ASK_ACTION),
        ("contested", {"automated": "yes"}, ASK_ACTION),
        ("removed", {"action": "no_action"}, MISFIT),
        ("removed", {"action": "limited"}, MISFIT),
        ("acknowledged", {"action": "removed"}, MISFIT),
        ("acknowledged", {"redress": "yes"}, MISFIT),
        ("not_ours", {"ground": "law"}, MISFIT),
        ("need_more", {"action": "blocked"}, MISFIT),
        ("decided", {"action": "x"}, "We did not understand this answer. Please choose one of these."),
        ("decided", {"action": "blocked", "ground": "\0"}, "We did not understand this answer."),
    ],
)
def test_decision_that_fits_no_answer_is_asked_again(
    kind: str, said: dict[str, str], error: str, open_keys: Path, client: Client
) -> None:
    row = notices.link()
    page = answered(client, {"kind": kind, "text": WORDS, **said})

    assert page.status_code == 422
    assert [each.startswith(error) for each in errors_in(page)] == [True]
    assert kept_text(page, "text") == WORDS
    assert notices.answers(row) == []


def test_removal_needs_no_details_and_takes_some(open_keys: Path, client: Client) -> None:
    row = notices.link()
    answered(client, {"kind": "removed", "text": "", "ground": "law"})

    assert notices.answers(row) == [{"kind": "removed", "text": "", "action": "removed", "ground": "law"}]


@pytest.mark.parametrize("kind", ["granted", "refused", "case_opened"])
@pytest.mark.parametrize("number", ["", "https://example.org/x", "x" * 61, "1\0"])
def test_case_number_that_is_none_is_explained_and_kept(
    kind: str, number: str, open_keys: Path, client: Client
) -> None:
    row = notices.link(answerer=Answerer.CLEARANCE)
    page = answered(client, {"kind": kind, "text": WORDS, "case_number": number})

    assert page.status_code == 422
    assert ["your case number" in error for error in errors_in(page)] == [True]
    assert kept_text(page, "text") == WORDS
    assert "\0" in number or f'value="{number}"' in page.content.decode() or not number
    assert notices.answers(row) == []


def test_kinds_of_others_are_refused(open_keys: Path, client: Client) -> None:
    for secret, answerer in zip((b"1" * 16, b"2" * 16, b"3" * 16), Answerer, strict=True):
        row = notices.link(secret, answerer=answerer)
        for kind in AnswerKind:
            if answerer not in kind.row.answerers:
                fields = {"kind": kind, "text": WORDS, "case_number": "1", "action": "removed"}
                assert answered(client, fields, path=notices.path(secret)).status_code == 422
        assert notices.answers(row) == []


@pytest.mark.parametrize("kind", ["", "closed", "\0", "removed "])
def test_answer_of_no_kind_is_asked_again_with_its_words(kind: str, open_keys: Path, client: Client) -> None:
    row = notices.link()
    page = answered(client, {"kind": kind, "text": WORDS})

    assert page.status_code == 422
    assert kept_text(page, "text") == WORDS
    assert notices.answers(row) == []


def test_text_too_long_is_kept_and_asked_to_be_shortened(open_keys: Path, client: Client) -> None:
    notices.link()
    text = "x" * 5_001
    page = answered(client, {"kind": "contested", "text": text})

    assert page.status_code == 422
    assert errors_in(page) == ["This text has 5001 characters, and we can take at most 5000. Please shorten it."]
    assert kept_text(page, "text") == text


@pytest.mark.parametrize("name", [name for name, text in TEXTS_FOR_PAGES.items() if len(text) <= LONGEST_ANSWER])
def test_hostile_words_are_taken_as_they_are(name: str, open_keys: Path, client: Client) -> None:
    row = notices.link()
    page = answered(client, {"kind": "removed", "text": TEXTS_FOR_PAGES[name]})

    assert page.status_code == 200
    assert notices.answers(row) == [{"kind": "removed", "text": TEXTS_FOR_PAGES[name]}]


def test_bytes_that_are_no_text_are_kept_to_be_seen(open_keys: Path, client: Client) -> None:
    row = notices.link()
    page = post(client, notices.path(), b"kind=removed&text=a%ffb\xfe")

    assert page.status_code == 200
    assert notices.answers(row) == [{"kind": "removed", "text": "a\\xffb\\xfe"}]


def test_pictures_pasted_as_text_are_taken_out(open_keys: Path, client: Client) -> None:
    row = notices.link()
    page = answered(client, {"kind": "removed", "text": f"See data:image/png;base64,{'QUJD' * 200}"})

    assert page.status_code == 422
    assert "QUJD" not in page.content.decode()
    assert notices.answers(row) == []


def test_answer_is_about_the_numbers_that_were_written(open_keys: Path, client: Client) -> None:
    row = notices.link(numbers="1-7")
    page = client.get(notices.path()).content.decode()
    assert ('name="numbers"' in page, "All of them are: 1-7" in page) == (True, True)
    some, every = ({**REMOVED, "numbers": text} for text in ("1, 4 - 6", "1-7"))
    stored = answered(client, some).content.decode()
    assert ("1, 4-6" in stored, "For the other addresses, answer again" in stored) == (True, True)
    # Every number is the whole letter, also once addresses are left out of it.
    assert "For the other addresses" not in answered(client, every).content.decode()
    assert notices.answers(row) == [
        {"kind": "removed", "text": "", "numbers": "1, 4-6"},
        {"kind": "removed", "text": ""},
    ]


@pytest.mark.parametrize("language", dict(settings.LANGUAGES))
@pytest.mark.parametrize("typed", ["", "all", "8", "5-2"])
def test_wrong_numbers_are_explained_in_the_readers_language(
    language: str, typed: str, open_keys: Path, client: Client
) -> None:
    row = notices.link(numbers="1-7")
    fields = {**REMOVED, "kind": "contested", "text": WORDS, "numbers": typed}
    page = answered(client, fields, path=notices.path(language=language))

    assert page.status_code == 422
    [error] = errors_in(page)
    english = ("Please write", "We did not understand", "Our notice has no address")
    assert error.startswith(english) == (language == "en")
    assert (kept_text(page, "text"), f'value="{typed}"' in page.content.decode() or not typed) == (WORDS, True)
    assert notices.answers(row) == []


@pytest.mark.parametrize("numbers", ["", "3", "1-x"])
def test_letter_of_one_address_or_without_stored_numbers_asks_for_none(
    numbers: str, open_keys: Path, client: Client
) -> None:
    row = notices.link(numbers=numbers)
    assert 'name="numbers"' not in client.get(notices.path()).content.decode()
    assert answered(client, {**REMOVED, "numbers": "2"}).status_code == 200
    assert notices.answers(row) == [{"kind": "removed", "text": ""}]


NOWHERE = [
    "x",
    "a" * 26,
    "a" * 25,
    "a" * 5_000,
    "%00",
    "%FF",
    "%F0%9F%98%80",
    "..%2F",
    notice_links.encode_secret(SECRET)[:-1],
]


@pytest.mark.parametrize("secret", NOWHERE)
def test_link_that_leads_nowhere_is_explained(secret: str, open_keys: Path, client: Client) -> None:
    notices.link()
    for page in (client.get(f"/notice/en/{secret}/"), answered(client, REMOVED, path=f"/notice/en/{secret}/")):
        assert page.status_code == 404
    assert not NoticeAnswer.objects.exists()


def anonymous(page: Answer, secret: bytes) -> str:
    """The page without the secret, which the links to its other languages contain."""
    return page.content.decode().replace(notice_links.encode_secret(secret), "…")


def test_expired_unknown_damaged_and_blanked_links_look_the_same(open_keys: Path, client: Client) -> None:
    expired, damaged, blanked, unknown = b"e" * 16, b"d" * 16, b"b" * 16, b"u" * 16
    notices.link(expired, expires_on=timezone.now().date() - timedelta(days=1))
    for secret, sealed in ((damaged, b"damaged"), (blanked, b"")):
        row = notices.link(secret)
        row.sealed = sealed
        row.save(update_fields=["sealed"])
    secrets = (expired, damaged, blanked, unknown)

    assert len({anonymous(client.get(notices.path(each)), each) for each in secrets}) == 1
    said = {
        anonymous(answered(client, {"kind": "removed", "text": WORDS}, path=notices.path(each)), each)
        for each in secrets
    }
    assert len(said) == 1
    # A long text is not lost when the form expires.
    assert WORDS in said.pop()
    assert not NoticeAnswer.objects.exists()


def test_link_works_on_its_last_day(open_keys: Path, client: Client) -> None:
    notices.link(expires_on=timezone.now().date())
    assert client.get(notices.path()).status_code == 200


def test_known_and_unknown_links_cost_the_same_work(
    open_keys: Path, client: Client, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    notices.link()
    notices.link(b"e" * 16, expires_on=date(2026, 1, 1))
    unsealed: list[int] = []
    real = sealing.unseal_json

    def counted(sealed: bytes, **more: Any) -> dict[str, sealing.JSON]:
        unsealed.append(len(sealed))
        return real(sealed, **more)

    monkeypatch.setattr(sealing, "unseal_json", counted)
    published.warm_cache()
    for path in (notices.path(), notices.path(b"e" * 16), notices.path(b"u" * 16), "/notice/en/x/"):
        with django_assert_num_queries(1):
            client.get(path)

    assert len(unsealed) == 4
    assert len(set(unsealed)) == 1


def test_link_of_many_answers_an_hour_waits_for_the_next_hour(
    open_keys: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = notices.link()
    for number in range(MAX_PER_HOUR):
        assert answered(client, {"kind": "removed", "text": str(number)}).status_code == 200
    page = answered(client, {"kind": "contested", "text": WORDS})

    assert page.status_code == 429
    assert 0 < int(page.headers["Retry-After"]) <= 3600
    assert kept_text(page, "text") == WORDS
    assert "until the next hour" in errors_in(page)[0]
    assert len(notices.answers(row)) == MAX_PER_HOUR
    # A stored reply is never reported as lost, however often its page is reloaded.
    again = answered(client, {"kind": "removed", "text": "3"})
    assert (again.status_code, title_of(again)) == (200, "Your answer is stored – Reporting portals")
    assert len(notices.answers(row)) == MAX_PER_HOUR
    # Other links are not slowed by it, and this one only for an hour.
    other = notices.link(b"o" * 16)
    assert answered(client, REMOVED, path=notices.path(b"o" * 16)).status_code == 200
    assert len(notices.answers(other)) == 1
    NoticeAnswer.objects.filter(link=row).update(received_at=datetime(2026, 1, 1, 10, tzinfo=UTC))
    assert answered(client, {"kind": "contested", "text": WORDS}).status_code == 200


@contextmanager
def _database_away() -> Iterator[None]:
    connection.close()
    host = connection.settings_dict["HOST"]
    connection.settings_dict["HOST"] = "/nowhere.invalid"
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["HOST"] = host


@pytest.mark.django_db(transaction=True)
def test_while_the_database_is_away_words_are_kept(open_keys: Path, client: Client) -> None:
    row, fields = notices.link(numbers="1-3"), {"kind": "contested", "text": WORDS, "numbers": "2"}
    with _database_away():
        page, reading = answered(client, fields), client.get(notices.path(language="es"))

    assert page.status_code == reading.status_code == 503
    assert kept_text(page, "text") == WORDS
    assert re.search(r'value="contested"[^>]*checked', page.content.decode())
    assert re.search(r'name="numbers" value="2"', page.content.decode())
    assert errors_in(page) == ["This was not stored: something went wrong here. Please send it again in a minute."]
    assert '<html lang="es"' in reading.content.decode()
    assert answered(client, fields).status_code == 200
    assert len(notices.answers(row)) == 1


def test_without_a_key_to_seal_to_words_are_kept(
    open_keys: Path, client: Client, settings: Any, tmp_path: Path
) -> None:
    notices.link()
    settings.KEYRING = tmp_path
    page = answered(client, {"kind": "contested", "text": WORDS})

    assert page.status_code == 503
    assert kept_text(page, "text") == WORDS


@pytest.mark.django_db(transaction=True)
def test_key_that_is_closed_takes_nothing_and_words_are_kept(open_keys: Path, client: Client) -> None:
    row = notices.link()
    SealingKey.objects.update(state=KeyState.CLOSED)
    page = answered(client, {"kind": "contested", "text": WORDS})

    assert page.status_code == 503
    assert kept_text(page, "text") == WORDS
    assert notices.answers(row) == []


@pytest.mark.django_db(transaction=True)
def test_one_answer_sent_by_many_at_once_is_one_row(open_keys: Path) -> None:
    row = notices.link()
    start = Barrier(8)

    def send(_number: int) -> int:
        start.wait()
        try:
            return answered(Client(), {"kind": "not_ours", "text": WORDS}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, range(8))) == {200}
    assert notices.answers(row) == [{"kind": "not_ours", "text": WORDS}]


def test_page_is_light(open_keys: Path, settings: Any) -> None:
    """Compressed, with its style sheet: less than a page of the portal's."""
    notices.link()
    client = Client(headers={"accept-encoding": "gzip"})
    for language, _name in settings.LANGUAGES:
        assert len(client.get(notices.path(language=language)).content) < 8_000
