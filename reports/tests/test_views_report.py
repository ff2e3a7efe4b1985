import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from countries.models import ContactKind, Portal, PortalState
from countries.public import published
from countries.tests.factories import ContactFactory
from reports.fields import LONGEST_TEXT
from reports.forms import DetailsForm
from reports.models import Receipt, Submission
from reports.receipts import code_from_nonce, format_code
from reports.tests.hostile import BYTES, TEXTS_FOR_PAGES
from reports.tests.pages import (
    errors_in,
    found,
    fresh_token,
    kept_text,
    opened,
    post,
    receipt_in,
    title_of,
    token_in,
    without_its_script,
)
from reports.tokens import MAX_AGE, new_token, read_token

REPORT = "/bz/en/report/"
ADDRESS = "http://site.example/a?b=c"
NOTHING = "Please enter the web address (link), or the app and the user name, or what happened."
AS_IT_IS = {"as_it_is": "yes"}


def put_in(portal: Portal, state: PortalState, **fields: str) -> None:
    Portal.objects.filter(pk=portal.pk).update(state=state, **fields)
    published.clear_cache()


def test_report_page_asks_for_an_address_or_an_account(belize: Portal, visitor: Client) -> None:
    response = visitor.get(REPORT)
    page = response.content.decode()
    assert response.status_code == 200
    assert (page.count("<textarea"), page.count("<input"), page.count("<button")) == (2, 5, 1)
    assert '<html lang="en" dir="ltr">' in page
    token = read_token(token_in(response))
    assert token is not None
    assert (token.portal, token.expired) == ("bz", False)


def test_report_page_asks_the_database_nothing(belize: Portal, client: Client) -> None:
    client.get(REPORT)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(REPORT).status_code == 200
    assert [query["sql"] for query in queries] == []


def test_report_page_gives_each_visitor_another_token(belize: Portal, visitor: Client) -> None:
    tokens = {fresh_token(visitor) for _ in range(5)}
    assert len(tokens) == 5


def test_report_page_sets_no_cookie_and_needs_no_script(belize: Portal, visitor: Client) -> None:
    asked = visitor.get(REPORT)
    answered = post(visitor, REPORT, {"token": token_in(asked), "addresses": ADDRESS})
    assert [dict(response.cookies) for response in (asked, answered)] == [{}, {}]
    assert [without_its_script(response).count("<script") for response in (asked, answered)] == [0, 0]


def test_report_page_speaks_the_language_of_its_path(pakistan: Portal, visitor: Client) -> None:
    page = visitor.get("/pk/ur/report/").content.decode()
    assert '<html lang="ur" dir="rtl">' in page
    # An address reads from left to right in every language.
    assert 'dir="ltr"' in found(r"(<textarea[^>]*>)", visitor.get("/pk/ur/report/"))


@pytest.mark.parametrize("path", ["/xx/en/report/", "/bz/en/details/x/", "/bz/report/"])
def test_report_page_of_no_portal_is_not_found(belize: Portal, visitor: Client, path: str) -> None:
    assert visitor.get(path).status_code == 404


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
def test_report_page_knows_no_other_method(belize: Portal, visitor: Client, method: str) -> None:
    assert getattr(visitor, method)(REPORT).status_code == 405


def test_report_is_stored_and_answered_with_its_receipt(belize: Portal, visitor: Client) -> None:
    response = post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": ADDRESS})
    page = response.content.decode()
    assert response.status_code == 200
    assert "You can close this page now." in page
    code = receipt_in(response)
    assert page.count(format_code(code)) == 1
    assert opened(code) == [("report", {"addresses": ADDRESS})]


def test_report_keeps_portal_language_and_hour_only(pakistan: Portal, visitor: Client) -> None:
    with time_machine.travel("2026-11-24T09:41:17Z", tick=False):
        published.clear_cache()
        post(visitor, "/pk/ur/report/", {"token": fresh_token(visitor, "/pk/ur/report/"), "addresses": ADDRESS})
    stored = Submission.objects.get()
    assert (stored.portal, stored.language, stored.received_hour.isoformat()) == (
        pakistan,
        "ur",
        "2026-11-24T09:00:00+00:00",
    )


def test_report_asks_the_database_one_statement(belize: Portal, client: Client) -> None:
    token = fresh_token(client)
    with CaptureQueriesContext(connection) as queries:
        post(client, REPORT, {"token": token, "addresses": ADDRESS})
    verbs = [query["sql"].split()[0] for query in queries]
    assert [verb for verb in verbs if verb not in ("SAVEPOINT", "RELEASE")] == ["WITH"]
    assert (Receipt.objects.count(), Submission.objects.count()) == (1, 1)


def test_receipt_follows_from_the_nonce(belize: Portal, visitor: Client) -> None:
    value = fresh_token(visitor)
    token = read_token(value)
    assert token is not None
    response = post(visitor, REPORT, {"token": value, "addresses": ADDRESS})
    assert receipt_in(response) == code_from_nonce(token.nonce)


def test_receipt_code_appears_in_no_link_of_the_report_page(belize: Portal, visitor: Client) -> None:
    response = post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": ADDRESS})
    page = response.content.decode()
    code = receipt_in(response)
    targets = [
        part.split('"')[0] for attribute in ("href", "action", "src") for part in page.split(f'{attribute}="')[1:]
    ]
    assert [each for each in targets if code in each.replace("-", "") or "?" in each] == []


@pytest.mark.parametrize("text", TEXTS_FOR_PAGES.values(), ids=TEXTS_FOR_PAGES)
def test_report_of_any_text_is_stored_exactly(belize: Portal, visitor: Client, text: str) -> None:
    response = post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": text, **AS_IT_IS})
    assert response.status_code == 200
    assert opened(receipt_in(response)) == [("report", {"addresses": text})]


@pytest.mark.parametrize(("sent", "text"), BYTES.values(), ids=BYTES)
def test_report_of_any_bytes_shows_each_odd_one(belize: Portal, visitor: Client, sent: bytes, text: str) -> None:
    token = fresh_token(visitor).encode()
    response = post(visitor, REPORT, b"token=" + token + b"&addresses=" + sent)
    assert response.status_code == 200
    assert opened(receipt_in(response)) == [("report", {"addresses": text})]


@pytest.mark.parametrize("text", TEXTS_FOR_PAGES.values(), ids=TEXTS_FOR_PAGES)
def test_refused_report_keeps_any_text(belize: Portal, visitor: Client, text: str) -> None:
    response = post(visitor, REPORT, {"token": "forged", "addresses": text})
    assert response.status_code == 422
    assert kept_text(response, "addresses") == text.replace("\0", "␀")
    assert Submission.objects.count() == 0


@pytest.mark.parametrize("text", ["", "  ", "\r\n\t\u3000"])
def test_empty_report_is_refused_in_words(belize: Portal, visitor: Client, text: str) -> None:
    response = post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": text})
    assert response.status_code == 422
    assert errors_in(response) == [NOTHING]
    assert title_of(response) == "Error: Make a report – Belize reporting portal"
    assert found(r'<a href="(#[^"]*)">Please enter', response) == "#id_addresses"
    assert (Receipt.objects.count(), Submission.objects.count()) == (0, 0)


def test_report_too_long_is_kept_and_counted(belize: Portal, visitor: Client) -> None:
    text = "x" * (LONGEST_TEXT + 1)
    response = post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": text})
    assert response.status_code == 422
    assert errors_in(response) == ["This text has 20001 characters, and we can take at most 20000. Please shorten it."]
    assert kept_text(response, "addresses") == text


@pytest.mark.parametrize("spoil", [str.upper, lambda token: token[:-1], lambda token: "", lambda token: "\0" * 300])
def test_report_with_a_damaged_token_can_be_sent_again(
    belize: Portal, visitor: Client, spoil: Callable[[str], str]
) -> None:
    refused = post(visitor, REPORT, {"token": spoil(fresh_token(visitor)), "addresses": ADDRESS})
    assert refused.status_code == 422
    assert errors_in(refused) == ["This form was not recognised and has been renewed. Please send it again."]
    again = post(visitor, REPORT, {"token": token_in(refused), "addresses": kept_text(refused, "addresses")})
    assert again.status_code == 200
    assert opened(receipt_in(again)) == [("report", {"addresses": ADDRESS})]


def test_report_with_another_portals_token_is_refused(belize: Portal, pakistan: Portal, visitor: Client) -> None:
    response = post(visitor, REPORT, {"token": fresh_token(visitor, "/pk/en/report/"), "addresses": ADDRESS})
    assert response.status_code == 422
    token = read_token(token_in(response))
    assert token is not None
    assert token.portal == "bz"
    assert Submission.objects.count() == 0


def test_report_from_an_old_form_is_kept_under_its_nonce(belize: Portal, visitor: Client) -> None:
    with time_machine.travel(timezone.now() - MAX_AGE - timedelta(minutes=1)):
        value = new_token("bz")
    refused = post(visitor, REPORT, {"token": value, "addresses": ADDRESS})
    assert refused.status_code == 422
    assert errors_in(refused) == ["This form was open for over a day and has been renewed. Please send it again."]
    assert kept_text(refused, "addresses") == ADDRESS
    old, renewed = read_token(value), read_token(token_in(refused))
    assert old is not None
    assert renewed is not None
    assert (renewed.nonce, renewed.expired) == (old.nonce, False)


def test_report_in_another_encoding_of_the_form_is_an_empty_one(belize: Portal, visitor: Client) -> None:
    response = visitor.post(REPORT, {"token": fresh_token(visitor), "addresses": ADDRESS})  # multipart
    assert response.status_code == 422
    assert errors_in(response) == [
        "This form was not recognised and has been renewed. Please send it again.",
        NOTHING,
    ]


def test_report_sent_twice_is_one_envelope_with_one_receipt(belize: Portal, visitor: Client) -> None:
    fields = {"token": fresh_token(visitor), "addresses": ADDRESS}
    codes = {receipt_in(post(visitor, REPORT, fields)) for _ in range(3)}
    assert len(codes) == 1
    assert (Receipt.objects.count(), Submission.objects.count()) == (1, 1)


def test_report_with_one_address_more_is_another_envelope_under_the_receipt(belize: Portal, visitor: Client) -> None:
    token = fresh_token(visitor)
    first, second = (
        receipt_in(post(visitor, REPORT, {"token": token, "addresses": text})) for text in (ADDRESS, f"{ADDRESS}\r\nb")
    )
    assert first == second
    assert opened(first) == [("report", {"addresses": ADDRESS}), ("report", {"addresses": f"{ADDRESS}\r\nb"})]


def test_two_reports_have_two_receipts_and_no_page_shows_the_other_one(belize: Portal, visitor: Client) -> None:
    first, second = (post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": ADDRESS}) for _ in range(2))
    pages = [response.content.decode() for response in (first, second)]
    assert [[format_code(receipt_in(shown)) in page for shown in (first, second)] for page in pages] == [
        [True, False],
        [False, True],
    ]
    assert [[token_in(shown) in page for shown in (first, second)] for page in pages] == [[True, False], [False, True]]
    assert [len(opened(receipt_in(response))) for response in (first, second)] == [1, 1]


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (PortalState.SUSPENDED, "This portal is closed for maintenance."),
        (PortalState.CLOSED, "This portal is closed for good."),
    ],
)
def test_suspended_portal_shows_no_form(belize: Portal, visitor: Client, state: PortalState, message: str) -> None:
    put_in(belize, state)
    response = visitor.get(REPORT)
    assert response.status_code == 200
    assert message in response.content.decode()
    assert b"<form" not in response.content


@pytest.mark.parametrize("state", [PortalState.SUSPENDED, PortalState.CLOSED])
def test_suspended_portal_takes_a_report_from_a_form_that_was_open(
    belize: Portal, visitor: Client, state: PortalState
) -> None:
    token = fresh_token(visitor)
    put_in(belize, state)
    response = post(visitor, REPORT, {"token": token, "addresses": ADDRESS})
    assert response.status_code == 200
    assert opened(receipt_in(response)) == [("report", {"addresses": ADDRESS})]


@pytest.mark.parametrize("state", [PortalState.SUSPENDED, PortalState.CLOSED])
def test_suspended_portal_takes_no_report_from_a_forged_form(
    belize: Portal, pakistan: Portal, visitor: Client, state: PortalState
) -> None:
    elsewhere = fresh_token(visitor, "/pk/en/report/")
    put_in(belize, state)
    for token in ("", "forged", elsewhere):
        response = post(visitor, REPORT, {"token": token, "addresses": ADDRESS})
        assert response.status_code == 422
        assert b"<form" not in response.content
    assert Submission.objects.count() == 0


@pytest.mark.parametrize("state", [PortalState.DRAFT, PortalState.SCHEDULED])
def test_portal_that_is_not_open_yet_is_not_found(belize: Portal, visitor: Client, state: PortalState) -> None:
    token = fresh_token(visitor)
    put_in(belize, state)
    assert visitor.get(REPORT).status_code == 404
    assert post(visitor, REPORT, {"token": token, "addresses": ADDRESS}).status_code == 404
    assert Submission.objects.count() == 0


def test_portal_that_vanished_until_its_day_loses_no_report_and_no_receipt(belize: Portal, visitor: Client) -> None:
    token = fresh_token(visitor)
    put_in(belize, PortalState.SCHEDULED, tested_on=str(timezone.localdate()))
    for path in (REPORT, "/bz/en/", "/bz/en/about/"):
        assert visitor.get(path).status_code == 404
    # As for any other country.
    assert visitor.get("/bz/").headers["Location"] == "/network/en/?country=Belize"
    assert post(visitor, REPORT, {"token": "forged", "addresses": ADDRESS}).status_code == 404
    assert Submission.objects.count() == 0

    taken = post(visitor, REPORT, {"token": token, "addresses": ADDRESS})
    assert opened(receipt_in(taken)) == [("report", {"addresses": ADDRESS})]
    for page in (taken, visitor.get("/bz/en/status/"), visitor.get("/bz/en/privacy/")):
        links = set(re.findall(r'(?:href|src)="(/bz/[^"?]*)', page.content.decode()))
        assert {"/bz/en/status/", "/bz/en/leave/"} <= links
        assert {link: visitor.get(link).status_code for link in links} == dict.fromkeys(links, 200)
        assert b'content="noindex"' in page.content


def test_restricted_portal_asks_for_its_phrase(belize: Portal, visitor: Client) -> None:
    put_in(belize, PortalState.RESTRICTED, access_phrase="blue mango")
    asked = visitor.get(REPORT)
    assert 'name="phrase"' in asked.content.decode()
    assert "mango" not in asked.content.decode()
    refused = post(visitor, REPORT, {"token": token_in(asked), "addresses": ADDRESS, "phrase": "green mango"})
    assert refused.status_code == 422
    assert errors_in(refused) == ["This is not the access phrase of this portal."]
    assert kept_text(refused, "addresses") == ADDRESS
    assert Submission.objects.count() == 0
    taken = post(visitor, REPORT, {"token": token_in(refused), "addresses": ADDRESS, "phrase": "Blue mango"})
    assert taken.status_code == 200
    assert opened(receipt_in(taken)) == [("report", {"addresses": ADDRESS})]


def test_unrestricted_portal_asks_for_no_phrase(belize: Portal, visitor: Client) -> None:
    put_in(belize, PortalState.LIVE, access_phrase="blue mango")
    assert b'name="phrase"' not in visitor.get(REPORT).content
    response = post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": ADDRESS})
    assert response.status_code == 200


def test_account_alone_is_a_report_and_blank_fields_are_not_stored(belize: Portal, visitor: Client) -> None:
    fields = {"token": fresh_token(visitor), "addresses": "", "platform": "Chat app", "account": "+501 622 1234"}
    response = post(visitor, REPORT, fields)
    assert response.status_code == 200
    assert opened(receipt_in(response)) == [
        ("report", {"addresses": "", "platform": "Chat app", "account": "+501 622 1234"})
    ]
    blank = {"token": fresh_token(visitor), "addresses": ADDRESS, "platform": "", "account": ""}
    assert opened(receipt_in(post(visitor, REPORT, blank))) == [("report", {"addresses": ADDRESS})]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (ADDRESS, "We found 1 web address in your report."),
        (f"{ADDRESS}\nb.example/c", "We found 2 web addresses in your report."),
        ("@some_name", "We found an app or an account in your report, but no web address."),
        ("asdf", "We found no web address in what you wrote. Is it in an app?"),
        ("my neighbour stole my bicycle", "This portal can only act on child sexual abuse online."),
    ],
)
def test_answer_says_what_was_found_in_the_report(belize: Portal, visitor: Client, text: str, sentence: str) -> None:
    response = post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": text})
    page = response.content.decode()
    assert response.status_code == 200
    assert sentence in page
    assert opened(receipt_in(response)) == [("report", {"addresses": text})]
    # Help for the writer comes first where there is no address, then coaching, then other matters.
    order = [page.find(words) for words in ("Is someone threatening you?", "We found", 'id="something-else"')]
    assert (order[0] > 0) is (text.startswith("@") or "example" not in text)
    if order[0] > 0:
        assert (
            order[0] < page.index('href="tel:116"') < page.index("/help/threats/") < page.index("/help/me/") < order[1]
        )
        label = str(DetailsForm().fields["description"].label)
        assert f"below, under “{label}”" in page or f"below under “{label}”" in page
        assert order[1] < page.index(f">{label}<")
    # Who can help with something else is named where nothing was found.
    named = page.partition('<h2 id="something-else">')[2].partition("<h2")[0]
    assert bool(named) is (sentence.startswith("This portal") or "Is it in an app?" in sentence)
    assert ("Child helpline" in named) is bool(named)


@pytest.mark.parametrize(
    ("tick", "first"),
    [
        (
            "about_me",
            ['id="about-you">', "Thank you for telling us", 'href="tel:116"', "/help/threats/", 'id="receipt"'],
        ),
        ("grooming", ['id="danger">', 'href="tel:911"', 'id="receipt"']),
    ],
)
@pytest.mark.parametrize("kind", ["report", "details"])
def test_answer_to_a_sealed_tick_names_help_first(
    belize: Portal, visitor: Client, tick: str, first: list[str], kind: str
) -> None:
    ContactFactory.create(portal=belize, kind=ContactKind.EMERGENCY, name="Emergency", phone="911")
    published.clear_cache()
    page = post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": ADDRESS, "facts": tick})
    if kind == "details":
        assert opened(receipt_in(page)) == [("report", {"addresses": ADDRESS, "facts": [tick]})]
        plain = post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": ADDRESS})
        page = post(visitor, "/bz/en/details/", {"token": token_in(plain), "facts": tick})
    text = page.content.decode()
    places = [text.find(words, text.index("<main")) for words in first]
    assert -1 not in places
    assert places == sorted(places)
    # Nothing of it comes back: not on the answer's own form, and not on the receipt.
    assert " checked" not in text
    assert tick not in post(visitor, "/bz/en/status/", {"code": receipt_in(page)}).content.decode()


def test_answer_is_the_same_for_an_address_reported_before(belize: Portal, visitor: Client) -> None:
    pages = []
    for _ in range(2):
        response = post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": ADDRESS})
        page = response.content.decode()
        for own in (token_in(response), format_code(receipt_in(response))):
            page = page.replace(own, "")
        pages.append(page)
    assert pages[0] == pages[1]


def test_details_follow_the_receipt(belize: Portal, visitor: Client) -> None:
    response = post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": ADDRESS})
    page = response.content.decode()
    main = page.index("<main")
    places = [page.index(each, main) for each in ("<h1>", 'id="receipt"', 'name="description"', 'id="danger"')]
    assert places == sorted(places)
    assert page.index("<h2", places[1]) < places[2]
    assert page.count("<h2", places[1], places[2]) == 1


def test_refused_report_is_shown_in_another_language_with_its_text(belize: Portal, visitor: Client) -> None:
    refused = post(visitor, REPORT, {"token": "forged", "addresses": ADDRESS, "account": "some name"})
    path = found(r'formaction="([^"]*)"', refused)
    fields = {
        "token": token_in(refused),
        "addresses": ADDRESS,
        "account": "some name",
        "facts": "grooming",
        "show": "1",
    }
    shown = post(visitor, path, fields)
    assert (path, shown.status_code, errors_in(shown)) == ("/bz/es/report/", 200, [])
    assert '<html lang="es"' in shown.content.decode()
    assert kept_text(shown, "addresses") == ADDRESS
    assert found(r'name="account" value="([^"]*)"', shown) == "some name"
    assert found(r'value="(\w+)"[^>]* checked', shown) == "grooming"
    assert not Submission.objects.exists()
    sent = post(visitor, path, {name: value for name, value in fields.items() if name != "show"})
    assert opened(receipt_in(sent)) == [
        ("report", {"addresses": ADDRESS, "account": "some name", "facts": ["grooming"]})
    ]


def test_summary_of_errors_has_the_focus_without_script(belize: Portal, visitor: Client) -> None:
    refused = post(visitor, REPORT, {"token": "forged", "addresses": ""})
    assert "autofocus" in found(r'(<div class="summary"[^>]*>)', refused)
    assert refused.content.count(b"autofocus") == 1
    assert b"autofocus" not in visitor.get(REPORT).content


def test_receipt_has_the_address_where_it_works(belize: Portal, visitor: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://portals.example.org"
    page = post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": ADDRESS}).content.decode()
    assert '<bdi dir="ltr" translate="no">https://portals.example.org/bz/en/status/</bdi>' in page
