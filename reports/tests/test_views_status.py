import cProfile
import pstats
import re
import secrets
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from countries.models import Portal, PortalState, ServiceKind
from countries.public import published
from countries.tests.factories import HelpServiceFactory
from reports import receipts, sealing
from reports.actions import PublicReceipt, look_up, message_info
from reports.models import KeyClass, Message, Receipt, SealingKey, Submission
from reports.outcomes import ClosedReason
from reports.tests.hostile import BYTES, TEXTS_FOR_PAGES
from reports.tests.pages import (
    errors_in,
    found,
    fresh_token,
    kept_text,
    opened,
    post,
    receipt_in,
    state_in,
    title_of,
    token_in,
)

REPORT = "/bz/en/report/"
STATUS = "/bz/en/status/"
ADDRESS = "http://site.example/a?b=c"
MISTYPED = "There is a mistake in this code: a character is wrong, missing or extra. Please check it."
UNKNOWN = "There is no report with this receipt. Please check that the code is the right one."


class Asked(NamedTuple):
    code: str
    message: str


def ask(code: str, text: str) -> UUID:
    """Put a message into the mailbox of a receipt, as the staff side does."""
    credentials = receipts.derive_credentials(code)
    message = Message.objects.create(
        receipt_id=credentials.receipt_id,
        key=SealingKey.objects.filter(key_class=KeyClass.WORDS).order_by("-month")[0],
        sealed_for_reporter=sealing.seal_json(
            {"text": text}, to=credentials.mailbox.public(), info=message_info(credentials.receipt_id)
        ),
        sealed_for_staff=b"for staff",
    )
    return message.id


@pytest.fixture
def code(belize: Portal, visitor: Client) -> str:
    """The receipt of a stored report."""
    return receipt_in(post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": ADDRESS}))


@pytest.fixture
def asked(code: str) -> Asked:
    """A receipt with a question, beside another receipt with its own question."""
    message = ask(code, "On which page was it?\nThe first?")
    return Asked(code, str(message))


@pytest.fixture
def stranger(belize: Portal, visitor: Client) -> Asked:
    code = receipt_in(post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": "http://b.example/"}))
    return Asked(code, str(ask(code, "A question to another reporter")))


def test_status_page_asks_for_the_receipt(belize: Portal, visitor: Client) -> None:
    response = visitor.get(STATUS)
    page = response.content.decode()
    assert response.status_code == 200
    assert found(r'<form[^>]*method="([a-z]*)"', response) == "post"
    assert "We will never ask who you are." in page
    assert (page.count("<textarea"), page.count("<input"), page.count('name="code"')) == (0, 1, 1)


def test_status_page_asks_the_database_nothing(belize: Portal, client: Client) -> None:
    client.get(STATUS)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(STATUS).status_code == 200
    assert [query["sql"] for query in queries] == []


@pytest.mark.parametrize("spell", [str, receipts.format_code, str.lower, " ".join, "\u200f{}\r\n".format])
def test_new_receipt_says_that_the_report_was_received(visitor: Client, code: str, spell: type[str]) -> None:
    response = post(visitor, STATUS, {"code": spell(code)})
    assert response.status_code == 200
    assert state_in(response) == ["Your report has been received. It is waiting for an analyst."]
    assert "We will never ask who you are." in response.content.decode()


def test_status_page_shows_published_outcomes_and_date_of_last_change(visitor: Client, code: str) -> None:
    outcomes = [["gone", "", 2], ["closed", "outside_remit", 1]]
    Receipt.objects.update(outcomes=outcomes, changed_on="2026-11-20")
    response = post(visitor, STATUS, {"code": code})
    assert state_in(response) == [
        "2 of the web addresses and accounts you reported were checked several times and were no longer there.",
        "The hotline has finished its work on 1 of the web addresses and accounts you reported. "
        "When an analyst looked, it was not child sexual abuse material. Other services can help.",
    ]
    assert "Last changed: 20 November 2026" in response.content.decode()


def test_status_page_never_shows_the_reported_address(visitor: Client, code: str) -> None:
    assert "site.example" not in post(visitor, STATUS, {"code": code}).content.decode()


@pytest.mark.parametrize("typed", ["ABC", "\0", "😀", "</script>", "x" * 5_000, "'; --"])
def test_mistyped_code_gets_its_own_error_message(visitor: Client, code: str, typed: str) -> None:
    response = post(visitor, STATUS, {"code": typed})
    assert response.status_code == 422
    assert errors_in(response) == [MISTYPED]
    assert title_of(response) == "Error: Check your receipt – Belize reporting portal"
    # A page cannot carry NUL; its symbol is shown instead.
    assert found(r'name="code" value="([^"]*)"', response) == typed.replace("\0", "\N{SYMBOL FOR NULL}")
    assert b'id="state"' not in response.content


@pytest.mark.parametrize("swap", [0, 7, 20])
def test_one_wrong_character_is_a_slip_and_not_an_unknown_code(visitor: Client, code: str, swap: int) -> None:
    other = "7" if code[swap] != "7" else "8"
    response = post(visitor, STATUS, {"code": code[:swap] + other + code[swap + 1 :]})
    assert (response.status_code, errors_in(response) == [UNKNOWN]) == (422, False)


def test_empty_code_is_asked_for(belize: Portal, visitor: Client) -> None:
    response = post(visitor, STATUS, {})
    assert (response.status_code, errors_in(response)) == (422, ["Please enter the receipt code."])


def test_unknown_code_finds_no_report(visitor: Client, code: str) -> None:
    response = post(visitor, STATUS, {"code": receipts.code_from_nonce(bytes(16))})
    assert (response.status_code, errors_in(response)) == (422, [UNKNOWN])
    assert b'id="state"' not in response.content


def test_unknown_and_known_codes_ask_the_same_of_the_database(client: Client, code: str) -> None:
    asked = []
    for each in (code, receipts.code_from_nonce(bytes(16))):
        with CaptureQueriesContext(connection) as queries:
            post(client, STATUS, {"code": each})
        asked.append([query["sql"].split("(")[0] for query in queries])
    assert asked[0] == asked[1]
    assert len(asked[0]) == 1


def test_known_and_unknown_codes_take_the_same_work(client: Client, code: str) -> None:
    """Counted in calls of functions, which no other work of the machine changes; `enumeration` measures the time."""

    def count_calls(code: str) -> int:
        profile = cProfile.Profile()
        profile.runcall(post, client, STATUS, {"code": code})
        return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined] # not in its stub

    unknown = [receipts.code_from_nonce(secrets.token_bytes(receipts.NONCE_BYTES)) for _ in range(2)]
    # The first of each kind fills caches.
    for each in (code, unknown[0]):
        count_calls(each)

    # Reading a code takes a few calls more for each letter than for a digit.
    assert count_calls(code) == pytest.approx(count_calls(unknown[1]), abs=35)


@pytest.mark.parametrize("state", [state for state in PortalState if state != PortalState.LIVE])
@pytest.mark.parametrize("path", [STATUS, "/pk/ur/status/"])
def test_receipt_works_on_every_portal_in_every_state(
    pakistan: Portal, visitor: Client, code: str, state: PortalState, path: str
) -> None:
    Portal.objects.update(state=state, access_phrase="blue mango", tested_on=timezone.localdate())
    published.clear_cache()
    assert visitor.get(path).status_code == 200
    response = post(visitor, path, {"code": code})
    assert response.status_code == 200
    assert len(state_in(response)) == 1


def test_receipt_code_appears_in_no_link_of_the_status_page(visitor: Client, asked: Asked) -> None:
    page = post(visitor, STATUS, {"code": asked.code}).content.decode()
    targets = [part.split('"')[0] for attribute in ("href", "action") for part in page.split(f'{attribute}="')[1:]]
    assert [each for each in targets if asked.code in each.replace("-", "") or "?" in each] == []


def test_code_in_an_address_is_not_looked_up(visitor: Client, code: str) -> None:
    response = visitor.get(f"{STATUS}?code={code}")
    assert response.status_code == 200
    assert b'id="state"' not in response.content
    assert code.encode() not in response.content


def test_message_is_shown_to_the_holder_of_its_receipt_only(visitor: Client, asked: Asked, stranger: Asked) -> None:
    page = post(visitor, STATUS, {"code": asked.code}).content.decode()
    assert "<p>On which page was it?<br>The first?</p>" in page
    assert "A question to another reporter" not in page
    assert "On which page was it?" not in post(visitor, STATUS, {"code": stranger.code}).content.decode()


def test_message_is_shown_as_text(visitor: Client, code: str) -> None:
    ask(code, "<script>alert(1)</script> http://a.example/ {{ 7*7 }}")
    page = post(visitor, STATUS, {"code": code}).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; http://a.example/ {{ 7*7 }}" in page
    assert '<a href="http://a.example' not in page


def test_answer_is_stored_under_the_receipt(visitor: Client, asked: Asked) -> None:
    response = post(visitor, STATUS, {"code": asked.code, "message": asked.message, "answer": "On the second."})
    assert response.status_code == 200
    assert "Thank you. Your answer is stored." in response.content.decode()
    assert opened(asked.code) == [
        ("answer", {"message": asked.message, "answer": "On the second."}),
        ("report", {"addresses": ADDRESS}),
    ]


def test_answered_message_no_longer_asks(visitor: Client, asked: Asked) -> None:
    other = ask(asked.code, "And when?")
    answer = {"code": asked.code, "message": asked.message, "answer": "On the second."}
    for response in (post(visitor, STATUS, answer), post(visitor, STATUS, {"code": asked.code})):
        page = response.content.decode()
        assert "On which page was it?" not in page
        assert page.count("You have answered this message.") == 1
        assert page.count("Add to your answer") == 1
        # The other message still asks.
        assert "And when?" in page
        assert re.findall(r'<textarea name="answer"[^>]* id="([^"]*)"', page) == [f"id_{other}_answer"]


def test_something_can_be_added_to_an_answer(visitor: Client, asked: Asked) -> None:
    post(visitor, STATUS, {"code": asked.code, "message": asked.message, "answer": "On the second."})
    response = post(visitor, STATUS, {"code": asked.code, "message": asked.message, "more": "1"})
    page = response.content.decode()
    assert "On which page was it?" in page
    assert "You have answered this message." not in page
    assert kept_text(response, "answer") == ""
    post(visitor, STATUS, {"code": asked.code, "message": asked.message, "answer": "And the third."})
    assert [payload["answer"] for kind, payload in opened(asked.code) if kind == "answer"] == [
        "And the third.",
        "On the second.",
    ]


@pytest.mark.parametrize("message", ["", "nonsense\0", "00000000-0000-4000-8000-000000000000"])
def test_adding_to_no_message_shows_the_receipt(visitor: Client, asked: Asked, message: str) -> None:
    response = post(visitor, STATUS, {"code": asked.code, "message": message, "more": "1"})
    assert (response.status_code, "On which page was it?" in response.content.decode()) == (200, True)


@pytest.mark.parametrize("text", TEXTS_FOR_PAGES.values(), ids=TEXTS_FOR_PAGES)
def test_answer_of_any_text_is_stored_exactly(visitor: Client, asked: Asked, text: str) -> None:
    sent = {"code": asked.code, "message": asked.message, "answer": text, "as_it_is": "yes"}
    response = post(visitor, STATUS, sent)
    assert response.status_code == 200
    assert opened(asked.code)[0] == ("answer", {"message": asked.message, "answer": text})


@pytest.mark.parametrize(("sent", "text"), BYTES.values(), ids=BYTES)
def test_answer_of_any_bytes_shows_each_odd_one(visitor: Client, asked: Asked, sent: bytes, text: str) -> None:
    body = f"code={asked.code}&message={asked.message}&answer=".encode() + sent
    assert post(visitor, STATUS, body).status_code == 200
    assert opened(asked.code)[0] == ("answer", {"message": asked.message, "answer": text})


def test_answer_sent_twice_is_one_envelope(visitor: Client, asked: Asked) -> None:
    for _ in range(2):
        post(visitor, STATUS, {"code": asked.code, "message": asked.message, "answer": "x"})
    assert [kind for kind, _ in opened(asked.code)] == ["answer", "report"]


def test_empty_answer_is_refused_beside_its_message(visitor: Client, asked: Asked) -> None:
    other = ask(asked.code, "And when?")
    response = post(visitor, STATUS, {"code": asked.code, "message": asked.message, "answer": " \r\n"})
    assert response.status_code == 422
    assert errors_in(response) == ["Please write an answer first."]
    assert title_of(response) == "Error: What happened to your report – Belize reporting portal"
    assert found(r'href="#(id_[^"]*)"', response) == f"id_{asked.message}_answer"
    assert response.content.count(b'class="field wrong"') == 1
    assert response.content.count(f'id="id_{other}_answer"'.encode()) == 1
    assert Submission.objects.count() == 1


def test_answer_too_long_is_kept(visitor: Client, asked: Asked) -> None:
    text = "x" * 20_001
    response = post(visitor, STATUS, {"code": asked.code, "message": asked.message, "answer": text})
    assert response.status_code == 422
    assert kept_text(response, "answer") == text


@pytest.mark.parametrize("named", ["", "nonsense\0", "00000000-0000-4000-8000-000000000000"])
def test_answer_that_names_no_message_is_not_lost(visitor: Client, asked: Asked, stranger: Asked, named: str) -> None:
    for message in (named, stranger.message):
        response = post(visitor, STATUS, {"code": asked.code, "message": message, "answer": f"x{message}"})
        assert response.status_code == 200
        assert ("answer", {"message": "", "answer": f"x{message}"}) in opened(asked.code)
    assert [kind for kind, _ in opened(stranger.code)] == ["report"]


def test_empty_answer_that_names_no_message_is_refused(visitor: Client, code: str) -> None:
    response = post(visitor, STATUS, {"code": code, "message": "", "answer": ""})
    assert (response.status_code, errors_in(response)) == (422, ["Please write an answer first."])
    assert found(r'href="#(id_[^"]*)"', response) == "id_answer"
    assert kept_text(response, "answer") == ""


@pytest.mark.parametrize("spoil", [lambda code: code[:-1], lambda code: receipts.code_from_nonce(bytes(16))])
def test_answer_with_a_wrong_code_is_kept_and_can_be_sent_again(
    visitor: Client, asked: Asked, spoil: type[str]
) -> None:
    fields = {"code": spoil(asked.code), "message": asked.message, "answer": "</textarea> yes"}
    refused = post(visitor, STATUS, fields)
    assert refused.status_code == 422
    assert kept_text(refused, "answer") == "</textarea> yes"
    again = {
        "code": asked.code,
        "message": found(r'name="message" value="([^"]*)"', refused),
        "answer": kept_text(refused, "answer"),
    }
    assert post(visitor, STATUS, again).status_code == 200
    assert opened(asked.code)[0] == ("answer", {"message": asked.message, "answer": "</textarea> yes"})


def test_status_pages_set_no_cookie(visitor: Client, asked: Asked) -> None:
    answers = [
        visitor.get(STATUS),
        post(visitor, STATUS, {"code": asked.code}),
        post(visitor, STATUS, {"code": "x"}),
        post(visitor, STATUS, {"code": asked.code, "message": asked.message, "answer": "x"}),
    ]
    assert [dict(response.cookies) for response in answers] == [{}] * 4


@pytest.mark.parametrize(("reason", "shown"), [("outside_remit", True), ("not_found", False)])
def test_receipt_of_what_a_hotline_may_not_act_on_names_who_can_help(
    code: str, visitor: Client, reason: str, shown: bool
) -> None:
    Receipt.objects.filter(pk=receipts.derive_credentials(code).receipt_id).update(outcomes=[["closed", reason, 1]])
    page = post(visitor, STATUS, {"code": code}).content.decode()
    instead = page.partition('class="support"')[0]
    assert ("Who can help instead" in instead) is shown
    assert ("Child helpline" in instead) is shown
    assert "The hotline has finished its work on your report." in page


def test_hotline_question_appears_above_other_services(visitor: Client, asked: Asked) -> None:
    outcomes = [["closed", "outside_remit", 1], ["received", "", 1]]
    Receipt.objects.filter(pk=receipts.derive_credentials(asked.code).receipt_id).update(outcomes=outcomes)
    page = post(visitor, STATUS, {"code": asked.code}).content.decode()
    assert 0 < page.index("Messages from the hotline") < page.index("Who can help instead")


@pytest.mark.parametrize("every", ["day", "minute"])
def test_pages_tell_when_a_receipt_changes(belize: Portal, visitor: Client, settings: Any, every: str) -> None:
    settings.PUBLISH_EVERY = every
    published.clear_cache()
    stored = post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": ADDRESS})
    looked_up = post(visitor, STATUS, {"code": receipt_in(stored)})
    daily = [b"never on the day of" in page.content for page in (stored, looked_up)]
    assert daily == [every == "day"] * 2


def test_receipt_shows_the_steps_done_and_to_come(visitor: Client, code: str) -> None:
    Receipt.objects.update(outcomes=[["notice_sent", "", 1]])
    page = post(visitor, STATUS, {"code": code}).content.decode()
    assert re.findall(r'<li class="(done|partly|to-come)">', page) == ["done", "done", "done", "to-come"]
    assert 'href="/bz/en/report/">Make another report' in page


def test_details_are_added_later_with_the_receipt(visitor: Client, code: str) -> None:
    looked_up = post(visitor, STATUS, {"code": code})
    form = found(r'(<form method="post"\s+action="/bz/en/details/".*?</form>)', looked_up)
    fields = dict(re.findall(r'name="([a-z]*)" value="([^"]*)"', form))
    assert fields == {"code": code, "show": "1"}
    asked = post(visitor, "/bz/en/details/", fields)
    assert (asked.status_code, errors_in(asked), receipt_in(asked)) == (200, [], code)
    carried = {"token": token_in(asked), "code": found(r'type="hidden" name="code" value="([^"]*)"', asked)}
    empty = post(visitor, "/bz/en/details/", {**carried, "description": " "})
    assert (empty.status_code, receipt_in(empty)) == (422, code)
    assert post(visitor, "/bz/en/details/", {**carried, "description": "more"}).status_code == 200
    assert [kind for kind, _payload in opened(code)] == ["details", "report"]


def test_details_of_an_unknown_receipt_are_asked_for_nothing(belize: Portal, visitor: Client) -> None:
    fields = {"code": receipts.code_from_nonce(bytes(16)), "show": "1"}
    refused = post(visitor, "/bz/en/details/", fields)
    assert (refused.status_code, errors_in(refused)) == (422, [UNKNOWN])
    assert b'id="receipt"' not in refused.content


def test_answer_is_shown_in_another_language_and_not_stored(visitor: Client, asked: Asked) -> None:
    fields = {"code": asked.code, "message": asked.message, "answer": "On the second.", "show": "1"}
    shown = post(visitor, "/bz/es/status/", fields)
    assert (shown.status_code, kept_text(shown, "answer")) == (200, "On the second.")
    assert '<html lang="es"' in shown.content.decode()
    assert [kind for kind, _payload in opened(asked.code)] == ["report"]


def test_receipt_is_shown_in_another_language_by_a_form(visitor: Client, code: str) -> None:
    page = post(visitor, STATUS, {"code": code}).content.decode()
    assert re.findall(r'formaction="([^"]*)"', page) == ["/bz/es/status/"]
    form = page.partition('<form id="page-form"')[2].partition("</form>")[0]
    assert f'name="code" value="{code}"' in form


def test_page_of_a_receipt_is_rendered_once_for_all(
    visitor: Client, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(visitor, STATUS, {"code": code})
    for name in ("render", "render_to_string"):
        monkeypatch.setattr(f"reports.views.status.{name}", None)
    stranger = receipts.code_from_nonce(bytes(16))
    assert [post(visitor, STATUS, {"code": each}).status_code for each in (code, stranger)] == [200, 422]


def test_receipts_known_or_not_name_the_services_that_listen(visitor: Client, code: str) -> None:
    checked = {"verified_on": timezone.localdate(), "verified_by": "Olga"}
    HelpServiceFactory.create(kind=ServiceKind.LISTENING, name="Someone who listens", **checked)
    HelpServiceFactory.create(kind=ServiceKind.LISTENING, name="Elsewhere only", countries="ZM", **checked)
    published.clear_cache()
    fields = {"token": fresh_token(visitor), "addresses": ADDRESS}
    sent = post(visitor, REPORT, fields)
    details = post(visitor, "/bz/en/details/", {"token": token_in(sent), "description": "more"})
    unknown = receipts.code_from_nonce(bytes(16))
    answers = [sent, details, *(post(visitor, STATUS, {"code": each}) for each in (code, unknown, "typo"))]
    blocks = {found(r'(<section class="support".*?</section>)', each) for each in (*answers, visitor.get(STATUS))}
    [block] = blocks
    named = [name for name in ("Child helpline", "Someone who listens", "Elsewhere only") if name in block]
    assert named == ["Child helpline", "Someone who listens"]


def close_as(code: str, reason: str) -> None:
    Receipt.objects.filter(pk=receipts.derive_credentials(code).receipt_id).update(outcomes=[["closed", reason, 1]])


AGAIN = "It is on the second page."


@pytest.mark.parametrize("reason", ClosedReason)
def test_another_look_is_offered_and_taken_where_the_table_says_so(
    visitor: Client, code: str, reason: ClosedReason
) -> None:
    close_as(code, reason)
    page = post(visitor, STATUS, {"code": code}).content.decode()
    assert (page.count('name="again"') == 1) is reason.row.may_look_again
    response = post(visitor, STATUS, {"code": code, "again": AGAIN})
    page = response.content.decode()

    if reason.row.may_look_again:
        assert (response.status_code, "Thank you. Your reason is stored." in page) == (200, True)
        assert opened(code) == [("again", {"again": AGAIN}), ("report", {"addresses": ADDRESS})]
        # The decision is still what the receipt says.
        assert str(reason.row.sentence) in state_in(response)[0]
    else:
        assert (response.status_code, kept_text(response, "again")) == (422, AGAIN)
        assert [kind for kind, _ in opened(code)] == ["report"]


@pytest.mark.parametrize("second", [AGAIN, "Another reason."])
def test_another_look_is_asked_for_once_and_a_second_reason_is_kept_on_the_page(
    visitor: Client, code: str, second: str
) -> None:
    close_as(code, "not_illegal")
    post(visitor, STATUS, {"code": code, "again": AGAIN})
    page = post(visitor, STATUS, {"code": code}).content.decode()
    assert 'name="again"' not in page
    assert "You have asked for another look and given a reason." in page
    response = post(visitor, STATUS, {"code": code, "again": second})

    assert (response.status_code, kept_text(response, "again")) == (422, second)
    assert errors_in(response)[0].startswith("You can ask for another look once")
    assert [kind for kind, _ in opened(code)] == ["again", "report"]


@pytest.mark.parametrize("second", [AGAIN, "Another reason."])
def test_database_refuses_a_second_reason_even_at_the_same_moment(
    visitor: Client, code: str, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    close_as(code, "not_found")
    post(visitor, STATUS, {"code": code, "again": AGAIN})
    # Both requests looked the receipt up before either was stored.
    monkeypatch.setattr("reports.views.status.look_up_receipt", lambda *_: replace(look_up_of(code), asked_again=False))
    response = post(visitor, STATUS, {"code": code, "again": second})

    assert (response.status_code, kept_text(response, "again")) == (422, second)
    assert [kind for kind, _ in opened(code)] == ["again", "report"]


def look_up_of(code: str) -> PublicReceipt:
    receipt = look_up(receipts.derive_credentials(code))
    assert receipt
    return receipt


@pytest.mark.parametrize("spoil", [lambda code: code[:-1], lambda code: receipts.code_from_nonce(bytes(16))])
def test_reason_with_a_wrong_code_is_kept_and_can_be_sent_again(visitor: Client, code: str, spoil: type[str]) -> None:
    close_as(code, "not_found")
    refused = post(visitor, STATUS, {"code": spoil(code), "again": AGAIN})
    assert (refused.status_code, kept_text(refused, "again")) == (422, AGAIN)
    assert "Ask for another look" in refused.content.decode()
    assert post(visitor, STATUS, {"code": code, "again": kept_text(refused, "again")}).status_code == 200


def test_reason_is_asked_for_and_shown_in_another_language(visitor: Client, code: str) -> None:
    close_as(code, "not_found")
    response = post(visitor, STATUS, {"code": code, "again": " "})
    assert (response.status_code, errors_in(response)) == (422, ["Please write your reason first."])
    response_in_spanish = post(visitor, "/bz/es/status/", {"code": code, "again": AGAIN, "show": "1"})
    assert (response_in_spanish.status_code, kept_text(response_in_spanish, "again")) == (200, AGAIN)
    assert [kind for kind, _ in opened(code)] == ["report"]
