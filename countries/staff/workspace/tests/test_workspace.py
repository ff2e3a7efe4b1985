"""The workspace of a portal: steps that each save their own fields, and what they show beside the form."""

import re

import pytest
from django.utils import timezone

from analysts.models import User
from countries.models import Portal, PortalState, TextReview
from countries.staff.document.portal_document import document_of
from countries.staff.document.steps import PortalStep
from countries.staff.workspace.checklist import build_checklist
from countries.staff.workspace.steps import STEP_OF_KEY, step_of_item
from countries.staff.workspace.tests.test_admin import errors_of, filled_in, page_of, save
from countries.tests.factories import complete_portal
from tests.rig.fixtures import client_of


@pytest.fixture
def draft(belize: Portal) -> Portal:
    belize.state = PortalState.DRAFT
    belize.save()
    return belize


@pytest.fixture
def ghana(db: None) -> Portal:
    """A draft whose checklist is complete but for the test report."""
    return complete_portal("gh", "Ghana", "en", "fr", state=PortalState.DRAFT, tested_on=None)


def test_each_checklist_item_belongs_to_a_step(ghana: Portal) -> None:
    items = build_checklist(ghana, timezone.localdate()).items
    assert {step_of_item(item) for item in items} == set(PortalStep) - {PortalStep.LAUNCH}
    # Each key is used, so that a renamed item is noticed.
    used = {key for item in items for key in (item.key, item.key.partition("_")[0])}
    assert sorted(STEP_OF_KEY.keys() - used) == []


def test_page_of_a_portal_leads_to_the_first_unfinished_step(ghana: Portal, olga: User) -> None:
    client, change = client_of(olga), page_of(ghana, "change")
    TextReview.objects.all().delete()
    assert client.get(change).headers["Location"] == page_of(ghana, "words", "en")
    ghana.legal_source = ""
    ghana.save()
    assert client.get(change).headers["Location"] == page_of(ghana, "country")
    assert client.post(change, {"name": "Another"}).status_code == 405
    assert client.get(page_of(Portal(pk=0), "change")).status_code == 404


def test_step_saves_its_own_fields_only(draft: Portal, olga: User) -> None:
    """Fields of other steps are ignored in a request made by hand."""
    client, before = client_of(olga), document_of(draft)
    every_step = {
        "leave_to": "https://example.org/", "brand_colour": "#123456", "access_phrase": "phrase",
        "launch_source": "The press", "texts-0-title": "Another title", "reason": "Why", "default_language": "es",
        "contacts-0-id": str(draft.contacts.get().pk), "contacts-0-phone": "117",
        "partners-0-id": str(draft.partners.get().pk), "partners-0-website": "https://example.org/",
    }  # fmt: skip
    changed: dict[str, list[str]] = {}
    for step in (step for step in PortalStep if step is not PortalStep.COVERAGE):
        assert save(client, page_of(draft, step), **every_step).status_code == 302, step
        after = document_of(Portal.objects.get(pk=draft.pk))
        changed[step] = [name for name in before if before[name] != after[name]]
        before = after
    assert changed == {
        "country": ["default_language"],
        "words": ["texts"],
        "help": ["leave_to", "contacts"],
        "partners": ["partners"],
        "look": ["brand_colour"],
        "test": ["access_phrase"],
        "launch": ["launch_source"],
    }


def test_step_is_never_saved_as_a_new_portal(draft: Portal, olga: User) -> None:
    client = client_of(olga)
    for step in PortalStep:
        answer = client.post(page_of(draft, step), {"_saveasnew": "1"})
        assert answer.status_code in {400, 405}, step
    assert list(Portal.objects.all()) == [draft]


def test_save_and_go_on_leads_through_languages_and_steps(draft: Portal, olga: User) -> None:
    client, at, seen = client_of(olga), page_of(draft, "country"), []
    while at not in seen:
        seen.append(at)
        if "/coverage/" in at:
            at = page_of(draft, "test")
            continue
        at = client.post(at, filled_in(client, at) | {"_next": ""}).headers["Location"]
    assert [address.split("/")[-2] for address in seen] == [
        "country", "words", "words", "help", "partners", "look", "coverage", "test", "launch",
    ]  # fmt: skip
    stays = page_of(draft, "words", "es")
    assert client.post(stays, filled_in(client, stays) | {"_save": ""}).headers["Location"] == stays


def test_refused_step_says_why_and_keeps_what_was_typed(draft: Portal, olga: User) -> None:
    response = save(client_of(olga), page_of(draft, "words", "es"), **{"texts-0-title": "", "texts-0-law": "Typed"})
    assert errors_of(response) == ["This field is required."]
    assert ">\nTyped</textarea>" in response.content.decode()
    assert draft.texts.get(language="es").law == ""


def test_added_language_starts_with_the_standard_text(draft: Portal, olga: User) -> None:
    assert save(client_of(olga), page_of(draft), **{"texts-2-language": "fr"}).status_code == 302
    text = draft.texts.get(language="fr")
    assert "Belize" in text.title
    assert all((text.welcome, text.about, text.suspended_message))
    assert (text.law, text.reviews.count()) == ("", 0)


def test_contacts_that_a_launch_needs_have_an_empty_form_each(draft: Portal, olga: User) -> None:
    client = client_of(olga)
    sent = filled_in(client, page_of(draft, "help")) | {"contacts-0-id": str(draft.contacts.get().pk)}
    assert [sent[f"contacts-{number}-kind"] for number in (1, 2)] == ["emergency", "police"]
    # Left empty, they are no contacts.
    assert client.post(page_of(draft, "help"), sent).status_code == 302
    assert draft.contacts.count() == 1


def test_step_shows_marks_missing_items_and_the_last_change(draft: Portal, olga: User) -> None:
    client = client_of(olga)
    save(client, page_of(draft, "country"), legal_source="Act 1")
    page = client.get(page_of(draft, "country")).content.decode()
    marks = dict(
        re.findall(r'step-name">\d\. ([^<]+)</span>\s*<span class="step-mark">(.*?)</span>\s*</a>', page, re.S)
    )
    said = {name: " ".join(re.sub("<[^>]*>", " ", mark).split()) for name, mark in marks.items()}
    assert (said["Country and languages"], said["Partners"]) == ("✓ complete", "○ 1 missing")
    assert said["Launch"] == "draft"
    assert page.count('aria-current="step"') == 1
    assert "Missing in this step" not in page
    assert "Portal changed" in page
    assert "Fields: source of legal age and law" in page
    others = client.get(page_of(draft, "partners")).content.decode()
    assert "Missing in this step" in others
    assert "None recorded." in others


def test_coverage_shows_who_reads_the_portal_and_which_languages_none_of_them_works_in(
    draft: Portal, olga: User, ana: User, petra: User
) -> None:
    ana.language = "es"
    ana.save()
    client = client_of(olga)
    page = " ".join(client.get(page_of(draft, "coverage")).content.decode().split())
    assert "<bdi>ana</bdi>" in page
    assert "No analyst who counts works in: <bdi>English</bdi>" in page
    assert "does not count" not in page
    User.objects.filter(pk=ana.pk).update(last_login=None, language="en")
    page = " ".join(client.get(page_of(draft, "coverage")).content.decode().split())
    assert "does not count: no sign-in within 30 days, or no second factor" in page
    assert "Reports to this portal would not be seen." in page
    assert "No analyst who counts works in: <bdi>English</bdi>" in page
    assert client.post(page_of(draft, "coverage"), {}).status_code == 405
    assert "<bdi>ana</bdi>" not in client_of(petra).get(page_of(draft, "coverage")).content.decode()


def test_no_page_has_the_buttons_and_titles_of_the_admin(draft: Portal, olga: User, adam: User, willa: User) -> None:
    furniture = re.compile("Select .* to change|Save and (add|continue)|historylink|object_history")
    pages = [
        (olga, "/admin/countries/portal/"),
        (olga, "/admin/countries/helpservice/"),
        (olga, "/admin/countries/helpservice/add/"),
        (adam, "/admin/analysts/user/"),
        (adam, f"/admin/analysts/user/{olga.pk}/change/"),
        (willa, "/admin/analysts/maskedterm/add/"),
        *((olga, page_of(draft, step)) for step in PortalStep),
    ]
    for person, address in pages:
        page = client_of(person).get(address)
        assert page.status_code == 200
        assert furniture.findall(page.content.decode()) == [], address
