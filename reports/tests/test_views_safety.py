"""The messages of the safety checks, and that they leave no trace."""

import base64
import hashlib
import logging
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from countries.models import Portal, PortalState, Region, ServiceKind
from countries.public import published
from countries.tests.factories import HelpServiceFactory
from reports import receipts
from reports.forms import AnswerForm, DetailsForm, ReportForm
from reports.models import Receipt, Submission
from reports.tests.pages import errors_in, found, fresh_token, kept_text, opened, post, receipt_in, title_of, token_in
from reports.tests.test_views_status import Asked, ask

REPORT = "/bz/en/report/"
DETAILS = "/bz/en/details/"
STATUS = "/bz/en/status/"
ADDRESS = "http://site.example/a?b=c"
CRY = b'id="crisis"'
PICTURE = base64.b64encode(b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(60))).decode()
MARK = "[a picture or file was taken out here]"
FILE = (
    "You pasted a picture or a file as text. We cannot take pictures or files, so we took it out and left a mark in "
    "its place. Please check the text and send it again."
)
BOTH = (
    "“%s” Your text seems to contain an e-mail address and a phone number. Please take them out, or tick the box below."
)
PERSONAL = "I am ana@example.org, +501 622 1234"


@pytest.fixture
def token(belize: Portal, visitor: Client) -> str:
    return token_in(post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": ADDRESS}))


@pytest.fixture
def asked(belize: Portal, visitor: Client) -> Asked:
    code = receipt_in(post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": ADDRESS}))
    return Asked(code, str(ask(code, "On which page was it?")))


@pytest.mark.parametrize(
    ("typed", "shown"),
    [(f"{ADDRESS}\nhe will hurt me", 1), (f"{ADDRESS}\nthey hurt a child", 0), ("http://a.example/he-will-hurt-me", 0)],
)
def test_cry_in_a_report_is_answered_first_and_stored_as_usual(
    belize: Portal, visitor: Client, typed: str, shown: int
) -> None:
    response = post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": typed})
    page = response.content
    assert response.status_code == 200
    assert page.count(CRY) == shown
    if shown:
        assert page.index(CRY) < page.index(b'id="receipt"')
        cry = page[page.index(CRY) : page.index(b"</section>", page.index(CRY))].decode()
        portal = published.find_portal("bz")
        assert portal is not None
        contacts = portal.contacts_by_kind()
        numbers = [each.phone for kind in ("emergency", "child_helpline") for each in contacts[kind]]
        assert numbers
        assert [number for number in numbers if number not in cry] == []
    assert opened(receipt_in(response)) == [("report", {"addresses": typed})]


@pytest.mark.parametrize("is_verified", [False, True])
def test_cry_on_the_portal_of_all_countries_is_answered_with_true_sentences(
    belize: Portal, visitor: Client, is_verified: bool
) -> None:
    """No number is right everywhere, and the services that are shipped are not verified."""
    belize.contacts.all().delete()
    Portal.objects.update(country="", region=Region.WORLD)
    mark = {"verified_on": timezone.localdate(), "verified_by": "Olga"} if is_verified else {}
    for kind in ServiceKind:
        HelpServiceFactory.create(kind=kind, **mark)
    published.clear_cache()
    page = post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": "I want to die"}).content
    cry = page[page.index(CRY) : page.index(b"</section>", page.index(CRY))].decode()
    assert "If it is urgent, call the emergency number or the police where you are." in cry
    assert ("These people listen to children and adults" in cry) == is_verified
    assert ("https://service.example.org/" in cry) == is_verified


def test_cry_of_one_reporter_is_not_shown_to_the_next(belize: Portal, visitor: Client) -> None:
    shown = [
        CRY in post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": f"{ADDRESS} {words}"}).content
        for words in ("I want to die", "", "I want to die", "")
    ]
    assert shown == [True, False, True, False]


def test_cry_in_details_and_in_an_answer_is_answered(visitor: Client, token: str, asked: Asked) -> None:
    for name in DetailsForm.sealed_texts():
        assert CRY in post(visitor, DETAILS, {"token": token, name: "I want to die"}).content
    assert CRY not in post(visitor, DETAILS, {"token": token, "description": "I want to report"}).content
    answer = {"code": asked.code, "message": asked.message}
    assert CRY in post(visitor, STATUS, {**answer, "answer": "me quiero morir"}).content
    assert CRY not in post(visitor, STATUS, {**answer, "answer": "on the second"}).content
    assert CRY not in post(visitor, STATUS, {"code": asked.code}).content


def test_cry_leaves_the_rows_queries_and_logs_of_any_other_report(
    belize: Portal, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """The two texts have the same length, so even the sealed ones do."""
    caplog.set_level(logging.DEBUG)
    marks = []
    for words in ("I want to die", "I want to dig"):
        sent = {"token": fresh_token(client), "addresses": f"{ADDRESS} {words}"}
        caplog.clear()
        with CaptureQueriesContext(connection) as queries:
            response = post(client, REPORT, sent)
        receipt_id = receipts.derive_credentials(receipt_in(response)).receipt_id
        rows = [
            *Submission.objects.filter(receipt_id=receipt_id).values(),
            *Receipt.objects.filter(pk=receipt_id).values(),
        ]
        plain = [{name: value for name, value in row.items() if not _is_random(value)} for row in rows]
        own = [record.getMessage() for record in caplog.records if "die" in record.getMessage()]
        marks.append(
            (
                plain,
                [query["sql"].split("(")[0] for query in queries if "SAVEPOINT" not in query["sql"]],
                own,
                len(caplog.records),
            )
        )
    assert marks[0] == marks[1]
    assert len(marks[0][1]) == 1


def _is_random(value: object) -> bool:
    return isinstance(value, bytes | memoryview | UUID)


def test_personal_data_in_details_is_pointed_out_and_a_tick_sends_it(visitor: Client, token: str) -> None:
    fields = {"token": token, "description": PERSONAL, "found_on": "a chat", "facts": "login_needed"}
    asked = post(visitor, DETAILS, fields)
    assert asked.status_code == 422
    assert title_of(asked).startswith("Error: ")
    assert errors_in(asked) == [BOTH % "What did you see, and how did you find it?"]
    assert b'<a href="#id_description">' in asked.content
    assert kept_text(asked, "description") == PERSONAL
    assert asked.content.count(b"ana@example.org") == 1
    assert 'value="yes"' in found(r'(<input[^>]*name="as_it_is"[^>]*>)', asked)
    assert [kind for kind, _ in opened(receipt_in(asked))] == ["report"]
    sent = post(visitor, DETAILS, {**fields, "token": token_in(asked), "as_it_is": "yes"})
    assert sent.status_code == 200
    assert receipt_in(sent) == receipt_in(asked)
    empty = dict.fromkeys(DetailsForm.sealed_texts(), "")
    kept = {**empty, "description": PERSONAL, "found_on": "a chat", "facts": ["login_needed"]}
    assert opened(receipt_in(sent))[0] == ("details", kept)


def test_personal_data_taken_out_needs_no_tick(visitor: Client, token: str) -> None:
    asked = post(visitor, DETAILS, {"token": token, "found_on": "+501 622 1234"})
    assert asked.status_code == 422
    sent = post(visitor, DETAILS, {"token": token_in(asked), "found_on": "a chat"})
    assert (sent.status_code, b"as_it_is" in sent.content) == (200, False)


def test_as_it_is_checkbox_is_hidden_unless_needed(visitor: Client, token: str) -> None:
    for fields in ({"token": token}, {"token": token, "description": "x", "facts": "nonsense"}):
        response = post(visitor, DETAILS, fields)
        assert (response.status_code, b"as_it_is" in response.content) == (422, False)


def test_tick_survives_another_mistake(visitor: Client, token: str) -> None:
    fields = {"token": token, "description": PERSONAL, "facts": "nonsense", "as_it_is": "yes"}
    refused = post(visitor, DETAILS, fields)
    assert errors_in(refused) == ["We did not understand one of the ticks. Please tick again."]
    assert "checked" in found(r'(<input[^>]*name="as_it_is"[^>]*>)', refused)


def test_personal_data_in_an_answer_is_pointed_out_and_a_tick_sends_it(visitor: Client, asked: Asked) -> None:
    fields = {"code": asked.code, "message": asked.message, "answer": PERSONAL}
    shown = post(visitor, STATUS, fields)
    assert shown.status_code == 422
    assert title_of(shown).startswith("Error: ")
    assert kept_text(shown, "answer") == PERSONAL
    assert b"as_it_is" in shown.content
    assert [kind for kind, _ in opened(asked.code)] == ["report"]
    assert post(visitor, STATUS, {**fields, "as_it_is": "yes"}).status_code == 200
    assert opened(asked.code)[0] == ("answer", {"message": asked.message, "answer": PERSONAL})


def test_personal_data_in_a_report_is_pointed_out_and_a_tick_sends_it(belize: Portal, visitor: Client) -> None:
    typed = f"{ADDRESS}\n{PERSONAL}"
    shown = post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": typed})
    assert (shown.status_code, errors_in(shown)) == (422, [BOTH % "What is the web address (link)?"])
    assert kept_text(shown, "addresses") == typed
    assert not Submission.objects.exists()
    sent = post(visitor, REPORT, {"token": token_in(shown), "addresses": typed, "as_it_is": "yes"})
    assert opened(receipt_in(sent)) == [("report", {"addresses": typed})]


@pytest.mark.parametrize(
    "typed",
    [
        "http://site.example/+5016221234/ana@example.org",
        "hxxps[:]//site[.]example/tel/0123456789",
        "https://wa.example/5016221234 and site.example/phone/6221234",
    ],
)
def test_web_address_is_no_personal_data(belize: Portal, visitor: Client, typed: str) -> None:
    assert post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": typed}).status_code == 200


@pytest.mark.parametrize("typed", ["mailto:ana@example.org", "ana@example.org", "tel:+5016221234", "+501 622 1234"])
def test_contact_is_reported_like_any_address(belize: Portal, visitor: Client, typed: str) -> None:
    response = post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": typed})
    assert response.status_code == 200
    assert opened(receipt_in(response)) == [("report", {"addresses": typed})]


def test_pasted_file_is_taken_out_of_a_report_and_nothing_else_is_lost(belize: Portal, visitor: Client) -> None:
    Portal.objects.update(state=PortalState.RESTRICTED, access_phrase="blue mango")
    published.clear_cache()
    typed = f"{ADDRESS}\r\ndata:image/png;base64,{PICTURE}\r\nmore"
    fields = {"token": fresh_token(visitor), "addresses": typed, "phrase": "blue mango"}
    refused = post(visitor, REPORT, fields)
    assert refused.status_code == 422
    assert errors_in(refused) == [FILE]
    assert title_of(refused).startswith("Error: ")
    assert kept_text(refused, "addresses") == f"{ADDRESS}\r\n{MARK}\r\nmore"
    assert found(r'name="phrase" value="([^"]*)"', refused) == "blue mango"
    assert PICTURE[:40].encode() not in refused.content
    assert not Submission.objects.exists()
    again = {"token": token_in(refused), "addresses": kept_text(refused, "addresses"), "phrase": "blue mango"}
    assert post(visitor, REPORT, again).status_code == 200


@pytest.mark.parametrize("name", DetailsForm.sealed_texts())
def test_pasted_file_is_taken_out_of_details(visitor: Client, token: str, name: str) -> None:
    refused = post(visitor, DETAILS, {"token": token, name: f"a {PICTURE} b"})
    assert (refused.status_code, errors_in(refused)) == (422, [FILE])
    assert f"a {MARK} b" in refused.content.decode()
    assert PICTURE[:40].encode() not in refused.content


def test_pasted_file_is_taken_out_of_an_answer_and_of_a_code(visitor: Client, asked: Asked) -> None:
    fields = {"code": asked.code, "message": asked.message, "answer": f"a {PICTURE} b"}
    refused = post(visitor, STATUS, fields)
    assert (refused.status_code, errors_in(refused)) == (422, [FILE])
    assert kept_text(refused, "answer") == f"a {MARK} b"
    refused = post(visitor, STATUS, {**fields, "code": PICTURE})
    assert refused.status_code == 422
    assert PICTURE[:40].encode() not in refused.content


def test_pasted_file_is_logged_nowhere_and_hangs_on_no_error(
    belize: Portal, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = fresh_token(client)
    post(client, REPORT, {"token": token, "addresses": PICTURE})
    assert PICTURE[:40] not in caplog.text
    for form in (
        ReportForm(_posted(addresses=PICTURE), access_phrase=""),
        DetailsForm(_posted(description=PICTURE, found_on=PICTURE)),
        AnswerForm(_posted(answer=PICTURE)),
    ):
        assert not form.is_valid()
        errors = [error for errors in form.errors.as_data().values() for error in errors]
        assert [error.code for error in errors] == ["file"] * len(errors)
        assert PICTURE[:40] not in repr([vars(form), [vars(error) for error in errors]])


def _posted(**fields: str) -> MultiValueDict[str, str]:
    return MultiValueDict({name: [value] for name, value in fields.items()})
