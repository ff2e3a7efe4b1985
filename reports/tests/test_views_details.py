import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from countries.models import Portal, PortalState
from countries.public import published
from reports.forms import DetailsForm
from reports.models import Receipt, Submission
from reports.places import PlaceKind
from reports.receipts import code_from_nonce, format_code
from reports.tests.hostile import BYTES, TEXTS_FOR_PAGES
from reports.tests.pages import errors_in, found, fresh_token, kept_text, opened, post, receipt_in, title_of, token_in
from reports.tokens import MAX_AGE

REPORT = "/bz/en/report/"
DETAILS = "/bz/en/details/"
ADDRESS = "http://site.example/a?b=c"
NOTHING = {**dict.fromkeys(DetailsForm.sealed_texts(), ""), "facts": []}
AS_IT_IS = {"as_it_is": "yes"}


@pytest.fixture
def token(belize: Portal, visitor: Client) -> str:
    """The token of the details form under a stored report."""
    return token_in(post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": ADDRESS}))


@pytest.fixture
def code(belize: Portal, visitor: Client) -> str:
    """The receipt of another stored report."""
    return receipt_in(post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": ADDRESS}))


def test_details_page_is_a_part_of_the_report(belize: Portal, visitor: Client) -> None:
    response = visitor.get(DETAILS)
    assert (response.status_code, response.headers["Location"]) == (302, REPORT)


def test_details_are_stored_under_the_receipt_of_the_report(visitor: Client, token: str) -> None:
    response = post(
        visitor,
        DETAILS,
        [
            ("token", token),
            ("description", "a link in a group"),
            ("found_on", "App or private chat"),
            ("seen_on", "yesterday"),
            ("facts", "child_known"),
            ("facts", "live_stream"),
        ],
    )
    assert response.status_code == 200
    assert "Thank you. Your details are stored." in response.content.decode()
    assert opened(receipt_in(response)) == [
        (
            "details",
            {
                **NOTHING,
                "description": "a link in a group",
                "found_on": "App or private chat",
                "seen_on": "yesterday",
                "facts": ["child_known", "live_stream"],
            },
        ),
        ("report", {"addresses": ADDRESS}),
    ]


@pytest.mark.parametrize(
    ("reported", "further", "is_said"), [(1, 1, False), (98, 1, False), (99, 1, True), (1, 99, True)]
)
def test_details_beyond_the_room_of_a_report_are_taken_and_said_at_once(
    belize: Portal, visitor: Client, reported: int, further: int, is_said: bool
) -> None:
    lines = "\n".join(f"http://site.example/{number}" for number in range(reported))
    page = post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": lines})
    used = found(r'name="used" value="([^"]*)"', page)
    assert used == str(reported)
    words = "\n".join(f"http://other.example/{number}" for number in range(further))
    response = post(visitor, DETAILS, {"token": token_in(page), "used": used, "description": words})
    assert opened(receipt_in(response))[0] == ("details", {**NOTHING, "description": words})
    assert ("To have the rest checked too, send it in another report." in response.content.decode()) is is_said


@pytest.mark.parametrize("used", ["", "-1", "one", "٩", "9" * 5000, "12.5"])
def test_details_of_a_report_whose_number_of_addresses_is_unknown(visitor: Client, token: str, used: str) -> None:
    """It is said, conditionally, where another address is named, and else not."""
    sentences = []
    for words in ("http://other.example/1", "a link in a group, other.example"):
        response = post(visitor, DETAILS, {"token": token, "used": used, "description": words})
        sentences.append("A report has room for 100 web addresses and accounts." in response.content.decode())
    assert sentences == [used != "٩", False]


@pytest.mark.parametrize("text", TEXTS_FOR_PAGES.values(), ids=TEXTS_FOR_PAGES)
def test_details_of_any_text_are_stored_exactly_or_refused_as_empty(visitor: Client, token: str, text: str) -> None:
    response = post(visitor, DETAILS, {"token": token, "description": text, "facts": "live_stream", **AS_IT_IS})
    assert response.status_code == 200
    assert opened(receipt_in(response))[0] == ("details", {**NOTHING, "description": text, "facts": ["live_stream"]})


@pytest.mark.parametrize(("sent", "text"), BYTES.values(), ids=BYTES)
def test_details_of_any_bytes_show_each_odd_one(visitor: Client, token: str, sent: bytes, text: str) -> None:
    response = post(visitor, DETAILS, b"token=" + token.encode() + b"&found_on=" + sent)
    assert response.status_code == 200
    assert opened(receipt_in(response))[0] == ("details", {**NOTHING, "found_on": text})


def test_details_sent_twice_are_one_envelope(visitor: Client, token: str) -> None:
    for _ in range(2):
        response = post(visitor, DETAILS, {"token": token, "description": "x"})
    assert [kind for kind, _ in opened(receipt_in(response))] == ["details", "report"]


def test_danger_ticked_again_later_is_stored_again(visitor: Client, token: str) -> None:
    danger = {"token": token, "description": "it goes on", "facts": "child_in_danger"}
    now = timezone.now().replace(minute=5)
    for moment in (now, now + timedelta(minutes=1), now + timedelta(hours=2)):
        with time_machine.travel(moment, tick=False):
            assert post(visitor, DETAILS, danger).status_code == 200
    # In one hour it is the same envelope, as for a form sent twice by mistake.
    assert Submission.objects.filter(kind="details").count() == 2


def test_empty_details_are_refused_gently(visitor: Client, token: str) -> None:
    response = post(visitor, DETAILS, {"token": token, "description": " ", "found_on": ""})
    assert response.status_code == 422
    assert errors_in(response) == ["You have not written anything yet. You can add something, or just close the page."]
    assert title_of(response) == "Error: Add details – Belize reporting portal"
    # The report is stored, and its receipt is still shown.
    assert [kind for kind, _ in opened(receipt_in(response))] == ["report"]


def test_refused_details_keep_what_was_filled_in(visitor: Client, token: str) -> None:
    fields = [("token", token), ("description", "</textarea>\n"), ("found_on", '"a"'), ("facts", "login_needed")]
    response = post(visitor, DETAILS, [*fields, ("facts", "nonsense")])
    assert response.status_code == 422
    assert kept_text(response, "description") == "</textarea>\n"
    assert found(r'name="found_on" value="([^"]*)"', response) == '"a"'
    assert found(r'value="([a-z_]*)" [^>]*checked', response) == "login_needed"
    assert [kind for kind, _ in opened(receipt_in(response))] == ["report"]


def test_details_from_an_old_form_are_taken(belize: Portal, visitor: Client) -> None:
    with time_machine.travel(timezone.now() - MAX_AGE - timedelta(days=3)):
        published.clear_cache()
        reported = post(visitor, REPORT, {"token": fresh_token(visitor), "addresses": ADDRESS})
    published.clear_cache()
    response = post(visitor, DETAILS, {"token": token_in(reported), "description": "x"})
    assert response.status_code == 200
    assert [kind for kind, _ in opened(receipt_in(reported))] == ["details", "report"]


@pytest.mark.parametrize("damaged", ["", "bz:nonsense", "\0"])
def test_details_with_a_damaged_token_ask_for_the_receipt(visitor: Client, code: str, damaged: str) -> None:
    refused = post(visitor, DETAILS, {"token": damaged, "description": "x\r\ny"})
    assert refused.status_code == 422
    assert errors_in(refused) == ["Please enter the receipt code."]
    assert kept_text(refused, "description") == "x\r\ny"
    assert b'id="receipt"' not in refused.content
    taken = post(visitor, DETAILS, {"token": token_in(refused), "description": "x", "code": format_code(code)})
    assert taken.status_code == 200
    assert receipt_in(taken) == code
    assert opened(code)[0] == ("details", {**NOTHING, "description": "x"})


def test_details_with_the_token_of_a_report_never_sent_ask_for_the_receipt(visitor: Client, belize: Portal) -> None:
    """Otherwise the blank form's token would bypass a restricted portal's phrase."""
    refused = post(visitor, DETAILS, {"token": fresh_token(visitor), "description": "x"})
    assert refused.status_code == 422
    assert errors_in(refused) == ["Please enter the receipt code."]
    assert kept_text(refused, "description") == "x"
    assert b'id="receipt"' not in refused.content
    assert not Submission.objects.exists()


def test_details_with_an_unknown_code_are_rejected(visitor: Client, code: str) -> None:
    stranger = code_from_nonce(bytes(16))
    response = post(visitor, DETAILS, {"token": "", "description": "x", "code": stranger})
    assert response.status_code == 422
    assert errors_in(response) == ["There is no report with this receipt. Please check that the code is the right one."]
    assert kept_text(response, "description") == "x"
    assert b'id="receipt"' not in response.content
    assert (Receipt.objects.count(), Submission.objects.count()) == (1, 1)


def test_details_with_another_portals_token_ask_for_the_receipt(pakistan: Portal, visitor: Client, token: str) -> None:
    response = post(visitor, "/pk/en/details/", {"token": token, "description": "x"})
    assert response.status_code == 422
    assert errors_in(response) == ["Please enter the receipt code."]


def test_details_with_a_receipt_are_taken_on_every_portal(pakistan: Portal, visitor: Client, code: str) -> None:
    response = post(visitor, "/pk/ur/details/", {"token": "", "description": "x", "code": code})
    assert response.status_code == 200
    assert opened(code)[0] == ("details", {**NOTHING, "description": "x"})


@pytest.mark.parametrize("state", [state for state in PortalState if state != PortalState.LIVE])
def test_details_are_accepted_in_every_portal_state(
    belize: Portal, visitor: Client, token: str, state: PortalState
) -> None:
    Portal.objects.update(state=state, access_phrase="blue mango", tested_on=timezone.localdate())
    published.clear_cache()
    response = post(visitor, DETAILS, {"token": token, "description": "x"})
    assert response.status_code == 200
    assert [kind for kind, _ in opened(receipt_in(response))] == ["details", "report"]


@pytest.mark.parametrize(("fact", "warned"), [("child_in_danger", 1), ("live_stream", 0)])
def test_details_of_a_child_in_danger_point_to_the_emergency_number(
    visitor: Client, token: str, fact: str, warned: int
) -> None:
    response = post(visitor, DETAILS, {"token": token, "facts": fact})
    assert response.content.count(b"Is a child in danger now?") == warned


def test_places_are_suggested_in_the_language_of_the_page(visitor: Client, token: str) -> None:
    page = post(visitor, "/bz/es/details/", {"token": token, "description": " "}).content.decode()
    with override("es"):
        places = [str(label) for label in PlaceKind.labels]
    assert places[0] != "Web page"
    assert re.findall(r'<option value="([^"]*)">', page) == places
