"""Tests of the pages for notice texts."""

import html
import re
from typing import Any

import pytest
from django.test import Client

from analysts.models import NoticeTemplate, RecipientKind, User
from analysts.takedown.notices import texts
from analysts.takedown.notices.placeholders import COMPULSORY
from analysts.tests.cases.there import HOUR
from audit.changes import describe_text
from audit.models import AuditEvent
from countries.models import Portal
from tests.rig.fixtures import client_of

LIST = "/admin/notice-texts/"
TEXT = f"{LIST}host/first/en/"
FACTS = "".join(f"\n{{{placeholder}}}" for placeholder in COMPULSORY[RecipientKind.HOST])
BODY = f"To {{recipient}}\n\nAbout {{host}}, {{count}} addresses.\n{FACTS}\n{{reference}}: {{answer_link}}"


@pytest.fixture(autouse=True)
def _texts(belize: Portal) -> None:
    texts.load_shipped_texts(now=HOUR)


@pytest.fixture
def operator(olga: User) -> Client:
    return client_of(olga)


def words(page: Any) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split()))


def sent(**more: str) -> dict[str, str]:
    return {"version": "1", "subject": "[{reference}] Please remove", "body": BODY.replace("\n", "\r\n"), **more}


def test_list_names_every_kind_purpose_and_language(operator: Client) -> None:
    page = words(operator.get(LIST))
    languages = "Deutsch English Español Français Português"
    assert f"Hosting provider First notice {languages}" in page
    assert f"Hotline Escalation {languages}" in page
    assert "No English text" not in page


def test_list_says_what_keeps_notices_from_leaving(operator: Client, settings: Any) -> None:
    settings.HOTLINE_NAME, settings.PUBLIC_URL = "", "https://report.example.org"
    assert "No notice can be sent until this setting is configured: HOTLINE_NAME." in words(operator.get(LIST))


def test_a_text_is_shown_with_made_up_values_and_no_link(operator: Client) -> None:
    page = operator.get(TEXT)
    assert "To Example Hosting Our reference: RP-7K2M-XQ4D" in words(page)
    assert "1. hxxps://example[.]org/one" in words(page)
    assert "/notice/" not in "".join(re.findall(r'href="([^"]*)"', page.content.decode()))


def test_a_new_version_counts_from_then_on(operator: Client, olga: User) -> None:
    page = operator.post(TEXT, sent(), follow=True)
    assert page.redirect_chain == [(TEXT, 302)]
    assert "About example[.]org, 2 addresses." in words(page)
    text = texts.latest_text("host", "first", "en")
    assert text is not None
    assert (text.version, text.body, text.by) == (2, BODY, olga)
    event = AuditEvent.objects.latest("number")
    changes = event.details.pop("changes")
    assert (event.action, event.actor, event.details) == (
        "notice_text.write", "olga", {"kind": "host", "purpose": "first", "language": "en"},
    )  # fmt: skip
    assert changes["version"] == {"before": 1, "after": 2}
    assert changes["body"]["after"] == describe_text(BODY)


def test_what_it_looks_like_is_shown_before_it_is_saved(operator: Client) -> None:
    page = operator.post(TEXT, sent(preview="1"))
    assert page.status_code == 200
    assert "Preview, not saved" in words(page)
    assert "About example[.]org, 2 addresses." in words(page)
    assert NoticeTemplate.objects.filter(version=2).count() == 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"body": f"{BODY}\n{{referense}}"}, "Line 19: Unknown placeholder {referense}."),
        ({"body": "{answer_link}"}, "{reference} is missing: our reference."),
        *(
            ({"body": BODY.replace(f"\n{{{placeholder}}}\n", "\n")}, f"{{{placeholder}}} is missing: ")
            for placeholder in COMPULSORY[RecipientKind.HOST]
        ),
        ({"body": f"{BODY} {{x.__class__}}"}, "Line 18: Brace outside a placeholder."),
        ({"body": f"{BODY} {{hours}}"}, "{hours} cannot be used here."),
        ({"subject": "Please remove"}, "{reference} is missing"),
        ({"subject": "{reference} {host}"}, "{host} cannot be used here."),
        ({"subject": ""}, "This field is required."),
        ({"version": "x"}, ""),
    ],
)
def test_a_text_with_a_fault_is_refused_and_kept_in_the_form(
    operator: Client, wrong: dict[str, str], message: str
) -> None:
    page = operator.post(TEXT, sent(**wrong))
    assert page.status_code == 422
    assert message in words(page)
    assert all(str(page.context["form"][name].value()) == value for name, value in wrong.items())
    assert not NoticeTemplate.objects.filter(version=2).exists()


def test_two_who_write_at_once_do_not_overwrite_each_other(operator: Client) -> None:
    operator.post(TEXT, sent())
    page = operator.post(TEXT, sent(body=f"{BODY} Mine"))
    assert page.status_code == 409
    assert "A colleague has changed this text in the meantime." in words(page)
    assert "Mine" in page.content.decode()
    assert not NoticeTemplate.objects.filter(version=3).exists()


def test_the_same_text_is_no_new_version(operator: Client) -> None:
    operator.post(TEXT, sent())
    page = operator.post(TEXT, sent(version="2"))
    assert (page.status_code, "Nothing was changed." in words(page)) == (403, True)


def test_another_language_begins_with_the_english_text(operator: Client) -> None:
    found = operator.get(LIST, {"kind": "police", "purpose": "first", "language": "Nederlands"})
    assert found["Location"] == f"{LIST}police/first/nl/"
    page = operator.get(found["Location"])
    assert "No text in this language yet." in words(page)
    assert page.context["form"]["body"].value().startswith("To {recipient}")
    operator.post(found["Location"], sent(version="0"))
    assert NoticeTemplate.objects.get(language="nl").version == 1
    assert operator.get(LIST, {"kind": "police", "purpose": "first", "language": "?"}).status_code == 422
    refused = operator.get(LIST, {"kind": "host", "purpose": "clearance", "language": "en"})
    assert refused.status_code == 422
    assert "Only the police are asked for clearance." in refused.content.decode()


@pytest.mark.parametrize("path", ["nobody/first/en/", "host/never/en/", "host/first/qqq/", "host/first/EN/"])
def test_there_is_no_page_of_what_cannot_be(operator: Client, path: str) -> None:
    assert operator.get(LIST + path).status_code == 404


def test_analysts_read_and_only_operators_write(ana: User) -> None:
    client = client_of(ana)
    page = client.get(TEXT)
    assert "To Example Hosting" in words(page)
    assert "<textarea" not in page.content.decode()
    assert client.post(TEXT, sent()).status_code == 403
    assert not NoticeTemplate.objects.filter(version=2).exists()


def test_older_text_that_lacks_facts_is_named_and_starts_with_them(operator: Client, olga: User) -> None:
    fields = {"kind": "host", "language": "en", "version": 2, "subject": "[{reference}]", "by": olga, "at": HOUR}
    NoticeTemplate.objects.create(**fields, body="{reference} {answer_link}")
    assert words(operator.get(LIST)).count("Lacks facts: see the text.") == 1
    page = operator.get(TEXT)
    assert "letters end with a line for each: {legal_ground} {addresses}" in words(page)
    assert "Hosting provider: Example Hosting" in words(page)
    operator.post(TEXT, sent(version="2", body=page.context["form"]["body"].value()))
    assert "Lacks facts" not in words(operator.get(LIST))
    assert "letters end with a line" not in words(operator.get(TEXT))


def test_script_in_a_text_is_only_text(operator: Client) -> None:
    page = operator.post(TEXT, sent(body=f"{BODY} <script>alert(1)</script>", preview="1"))
    assert "<script>alert" not in page.content.decode()
