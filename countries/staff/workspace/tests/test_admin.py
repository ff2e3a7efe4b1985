"""Admin of portals: validation, audit events of saves, and permissions."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.utils import flatten_fieldsets
from django.forms import BaseForm
from django.test import Client
from django.utils import timezone

from analysts.models import DailyFigure, FigureProgress, User
from audit.models import AuditEvent
from countries.models import ContactKind, Portal, PortalState, PortalTextPart, TextReview
from countries.public import published
from countries.public.standard_texts import standard_text
from countries.staff.document.portal_fields import PORTAL_FIELDS
from countries.staff.document.steps import FORM_STEPS, PortalStep
from countries.staff.document.text_reviews import save_review
from countries.tests.factories import complete_portal, open_portal
from tests.rig.fixtures import client_of

LIST = "/admin/countries/portal/"


@pytest.fixture
def belize(belize: Portal) -> Portal:
    """A draft portal: changes to public portals need approval (`test_portal_approvals`)."""
    belize.state = PortalState.DRAFT
    belize.save()
    return belize


@pytest.fixture
def live(belize: Portal) -> Portal:
    belize.state = PortalState.LIVE
    belize.save()
    return belize


def page_of(portal: Portal, step: str = "country", language: str = "") -> str:
    """The address of a step of the portal's workspace."""
    return f"{LIST}{portal.pk}/{step}/" + (f"?language={language}" if language else "")


def filled_in(client: Client, address: str) -> dict[str, Any]:
    """The data that a browser would send if the form at this address were saved unchanged."""
    context = client.get(address).context
    forms: list[BaseForm] = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    fields = {field.html_name: field.field.prepare_value(field.value()) for form in forms for field in form}
    return {name: value for name, value in fields.items() if value is not None and value is not False}


def save(client: Client, address: str, **changes: Any) -> Any:
    return client.post(address, filled_in(client, address) | changes)


def errors_of(response: Any) -> list[str]:
    assert response.status_code == 200
    errors = response.context["errors"]
    return [message for error in errors for message in ([error] if isinstance(error, str) else error)]


def events() -> list[tuple[str, str, str, str, dict[str, Any]]]:
    return list(AuditEvent.objects.order_by("number").values_list("action", "actor", "portal", "object_id", "details"))


def test_each_field_is_on_the_form_of_its_step_only(belize: Portal, olga: User) -> None:
    client = client_of(olga)
    steps = [step for step in FORM_STEPS if step is not PortalStep.WORDS]
    shown = {step: client.get(page_of(belize, step)).context["adminform"] for step in steps}
    names = {step: flatten_fieldsets(form.fieldsets) for step, form in shown.items()}

    for field in PORTAL_FIELDS:
        assert [step for step in steps if field.form_name in names[step]] == [field.step], field.name


def test_save_of_a_step_is_recorded_with_old_and_new_values(belize: Portal, olga: User) -> None:
    client, contact, partner = client_of(olga), belize.contacts.get(), belize.partners.get()
    title = belize.texts.get(language="en").title
    added = {"contacts-1-kind": ContactKind.POLICE, "contacts-1-name": "Another name"}
    new_contact = {
        name: {"before": None, "after": value} for name, value in (("kind", "police"), ("name", "Another name"))
    }
    old_partner = {name: {"before": getattr(partner, name), "after": None} for name in ("confirmed", "name", "role")}
    saves: list[tuple[str, dict[str, str], dict[str, Any]]] = [
        ("country", {"legal_age": "17"}, {"legal_age": {"before": 18, "after": 17}}),
        (
            "words",
            {"texts-0-title": "Another title"},
            {"texts": {"en": {"title": {"before": title, "after": "Another title"}}}},
        ),
        (
            "help",
            {"contacts-0-id": str(contact.pk), **added},
            {"contacts": {"police, Another name": new_contact}},
        ),
        (
            "partners",
            {"partners-0-id": str(partner.pk), "partners-0-DELETE": "on"},
            {"partners": {f"{partner.name}, {partner.role}": old_partner}},
        ),
        ("look", {"brand_colour": "#123456"}, {"brand_colour": {"before": "#003f87", "after": "#123456"}}),
    ]
    for step, changes, _recorded in saves:
        assert save(client, page_of(belize, step), **changes).status_code == 302

    assert events() == [
        ("portal.change", "olga", "bz", str(belize.pk), {"changes": recorded, "workspace_step": step})
        for step, _changes, recorded in saves
    ]


def test_save_in_urdu_is_recorded_in_the_same_codes(belize: Portal, olga: User) -> None:
    olga.language = "ur"
    olga.save()
    save(client_of(olga), page_of(belize), legal_age="17")
    assert [details["changes"] for *_, details in events()] == [{"legal_age": {"before": 18, "after": 17}}]


def test_save_is_undone_when_it_cannot_be_recorded(belize: Portal, olga: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**event: Any) -> None:
        raise RuntimeError("The record is not writable.")

    client = client_of(olga)
    form = filled_in(client, page_of(belize))
    monkeypatch.setattr("countries.staff.workspace.admin.record_event", broken)
    with pytest.raises(RuntimeError):
        client.post(page_of(belize), form | {"legal_age": "17"})
    belize.refresh_from_db()
    assert belize.legal_age == 18


def test_save_is_shown_to_the_public_at_once(
    belize: Portal, olga: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    assert published.portals_by_slug()["bz"].legal_age == 18
    with django_capture_on_commit_callbacks(execute=True):
        save(client_of(olga), page_of(belize), legal_age="17")
    assert published.portals_by_slug()["bz"].legal_age == 17


@pytest.mark.parametrize("colour", ["#ffc533", "#777777", "white"])
def test_colour_on_which_white_cannot_be_read_is_refused(belize: Portal, olga: User, colour: str) -> None:
    assert len(errors_of(save(client_of(olga), page_of(belize, "look"), brand_colour=colour))) == 1
    belize.refresh_from_db()
    assert belize.brand_colour == "#003f87"
    assert events() == []


def test_colour_may_be_typed_in_capitals(belize: Portal, olga: User) -> None:
    save(client_of(olga), page_of(belize, "look"), brand_colour="#0B5D1E")
    belize.refresh_from_db()
    assert belize.brand_colour == "#0b5d1e"


@pytest.mark.parametrize("state", PortalState)
def test_state_is_no_field_of_the_form(belize: Portal, olga: User, state: PortalState) -> None:
    assert save(client_of(olga), page_of(belize, "test"), state=state, access_phrase="phrase").status_code == 302
    belize.refresh_from_db()
    assert belize.state == PortalState.DRAFT


def test_access_phrase_of_a_restricted_portal_is_not_taken_away(belize: Portal, olga: User) -> None:
    Portal.objects.update(state=PortalState.RESTRICTED, access_phrase="phrase")
    response = save(client_of(olga), page_of(belize, "test"), access_phrase=" ", reason="Why")
    assert errors_of(response) == ["A restricted portal needs an access phrase."]
    belize.refresh_from_db()
    assert belize.access_phrase == "phrase"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"verified_by": "Olga", "verified_on": ""}, "Say when the contact was verified."),
        ({"verified_by": "", "verified_on": "2026-05-04"}, "Say who verified the contact."),
        ({"source": ""}, "Enter the source of these details: without it they cannot be verified."),
        ({"verified_on": "2999-01-01"}, "This day is in the future."),
    ],
)
def test_contact_verification_requires_a_name_a_date_and_a_source(
    belize: Portal, olga: User, changes: dict[str, str], error: str
) -> None:
    changes = {f"contacts-0-{name}": value for name, value in changes.items()}
    assert errors_of(save(client_of(olga), page_of(belize, "help"), **changes)) == [error]
    assert belize.contacts.get().verified_by == "Olga"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"reviewed_by": "Amina Diallo"}, "Say when the text was reviewed."),
        ({"reviewed_on": "2026-05-04"}, "Say who reviewed the text."),
        ({"reviewed_by": "Amina Diallo", "reviewed_on": "2999-01-01"}, "This day is in the future."),
        (
            {"reviewed_by": "Amina Diallo", "reviewed_on": "2026-05-04", "reviewed_parts": []},
            "Tick the texts that were reviewed.",
        ),
    ],
)
def test_text_review_requires_a_reviewer_and_a_date(
    belize: Portal, olga: User, changes: dict[str, str], error: str
) -> None:
    changes = {f"texts-0-{name}": value for name, value in changes.items()}
    assert errors_of(save(client_of(olga), page_of(belize, "words"), **changes)) == [error]
    assert not TextReview.objects.exists()


@pytest.mark.parametrize(
    ("typed", "tag"),
    [("fr", "fr"), ("Français", "fr"), ("हिन्दी", "hi"), ("zh_Hant", "zh-hant"), (" en-BZ ", "en-bz"), ("اردو", "ur")],
)
def test_language_is_chosen_by_its_own_name_or_any_tag(belize: Portal, olga: User, typed: str, tag: str) -> None:
    assert save(client_of(olga), page_of(belize), **{"texts-1-language": typed}).status_code == 302
    assert set(belize.texts.values_list("language", flat=True)) == {"en", tag}


def test_language_that_becomes_another_has_no_text_and_no_review_of_the_former_one(belize: Portal, olga: User) -> None:
    """An operator's own words stay, and wait for a review by a speaker of the language."""
    client = client_of(olga)
    save(client, page_of(belize), **{"texts-2-language": "fr"})
    text = belize.texts.get(language="fr")
    text.about = text.law = "Our own words."
    text.save()
    save_review(text, PortalTextPart.LAW, reviewed_by="Amina Diallo", reviewed_on=date(2026, 5, 4), recorded_by=olga.pk)

    assert save(client, page_of(belize), **{"texts-1-language": "pt"}).status_code == 302

    changed = belize.texts.get(language="pt")
    assert changed.pk == text.pk
    standard = standard_text(belize.country, belize.name, "pt") | {"about": "Our own words."}
    assert {field: getattr(changed, field) for field in standard} == standard
    assert changed.law == "Our own words."
    assert not changed.reviews.exists()


@pytest.mark.parametrize("typed", ["xx", "Klingonese", "<b>", "e n"])
def test_unknown_language_is_rejected_and_stays_in_the_form(belize: Portal, olga: User, typed: str) -> None:
    response = save(client_of(olga), page_of(belize), **{"texts-1-language": typed})
    assert "Unknown language." in errors_of(response)[0]
    form = response.context["inline_admin_formsets"][0].formset.forms[1]
    assert form["language"].value() == typed
    assert set(belize.texts.values_list("language", flat=True)) == {"en", "es"}


def test_portal_opens_with_a_text_in_its_default_language_only(live: Portal, olga: User) -> None:
    client = client_of(olga)
    for changes in ({"default_language": "fr"}, {"texts-0-DELETE": "on"}):
        response = save(client, page_of(live), reason="Why", **changes)
        assert errors_of(response) == ["Add a text in the default language before the public sees the portal."]


def test_address_of_a_portal_never_changes(belize: Portal, olga: User) -> None:
    assert save(client_of(olga), page_of(belize), slug="other").status_code == 302
    belize.refresh_from_db()
    assert belize.slug == "bz"


def test_portal_is_never_deleted(belize: Portal, olga: User) -> None:
    client = client_of(olga)
    assert client.post(f"{LIST}{belize.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(LIST, {"action": "delete_selected", "_selected_action": str(belize.pk), "post": "yes"})
    assert Portal.objects.filter(pk=belize.pk).exists()
    assert f"{LIST}{belize.pk}/delete/" not in client.get(page_of(belize)).content.decode()


def test_partner_sees_the_own_portal_and_changes_nothing(belize: Portal, zambia: Portal, petra: User) -> None:
    client = client_of(petra)
    page = client.get(LIST).content.decode()
    assert "Belize" in page
    assert "Zambia" not in page
    assert {client.get(page_of(belize, step)).status_code for step in PortalStep} == {200}
    assert client.post(page_of(belize), {"legal_age": "17"}).status_code == 403
    assert client.get(f"{LIST}{belize.pk}/history/").status_code == 200
    assert client.get(f"{LIST}{zambia.pk}/history/").status_code == 404
    assert client.get(f"{LIST}add/", follow=True).status_code == 403
    assert client.get(page_of(zambia)).status_code == 404
    assert client.post(page_of(zambia), {"legal_age": "17"}).status_code == 403
    assert set(Portal.objects.values_list("legal_age", flat=True)) == {18}
    assert events() == []


@pytest.mark.parametrize("name", ["ana", "sena", "axel", "willa", "adam"])
def test_portals_are_not_open_to_other_roles(belize: Portal, name: str, request: pytest.FixtureRequest) -> None:
    client = client_of(request.getfixturevalue(name))
    assert client.get(LIST).status_code == 403
    assert client.get(page_of(belize)).status_code == 403
    assert client.post(page_of(belize), {"legal_age": "17"}).status_code == 403


def test_portals_are_not_open_to_a_stranger(belize: Portal, client: Client) -> None:
    for address in (LIST, page_of(belize)):
        assert client.get(address).status_code == 302


@pytest.mark.parametrize("count", [1, 30])
def test_list_costs_the_same_for_one_portal_and_for_thirty(
    belize: Portal, olga: User, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    for number in range(count - 1):
        open_portal(f"p{number}", f"Portal {number}", "en", "fr", country="")
    client = client_of(olga)
    # Session and user; the count, the unfiltered count, the page of portals, their texts with reviews, contacts,
    # partners and the names of both, whether their reports are counted and how many there are, the reviews of their
    # languages and the languages with all texts approved, and those that no analyst reads; the verified help services
    # and what is withdrawn; the hours of reading; the waiting requests.
    FigureProgress.objects.create(counted_until=timezone.now())
    with django_assert_num_queries(22):
        assert client.get(LIST).status_code == 200


def cell(client: Client, column: str) -> str:
    """The text in this column of the list's only portal."""
    page = client.get(LIST).content.decode()
    [content] = re.findall(rf'<td class="field-{column}[^"]*">(.*?)</td>', page)
    return re.sub('<span class="narrow-label">[^<]*</span> |</?bdi>', "", str(content))


def test_list_shows_languages_and_contacts_to_verify(belize: Portal, olga: User) -> None:
    client = client_of(olga)
    assert (cell(client, "languages"), cell(client, "stale")) == ("English, Español", "0")
    belize.contacts.update(verified_on=timezone.localdate() - timedelta(days=181))
    assert cell(client, "stale") == "1"


def count_reports(portal: Portal, day: date, number: int) -> None:
    DailyFigure.objects.create(day=day, subject="reports", dimension="all", portal=portal, number=number, key=99)


@pytest.mark.parametrize(("reports", "shown"), [(0, "fewer than 10"), (9, "fewer than 10"), (10, "10"), (63, "65")])
def test_portal_list_shows_the_last_closed_month_protected(
    belize: Portal, olga: User, reports: int, shown: str
) -> None:
    FigureProgress.objects.create(counted_until=datetime(2026, 4, 2, tzinfo=UTC))
    if reports:
        count_reports(belize, date(2026, 3, 31), reports)
    for day in (date(2026, 2, 28), date(2026, 4, 1)):
        count_reports(belize, day, 1000)
    with time_machine.travel(datetime(2026, 4, 2, 12, tzinfo=UTC), tick=False):
        client = client_of(olga)
        assert cell(client, "reports") == shown
        assert "March 2026" in client.get(LIST).content.decode()


def test_portal_list_waits_until_a_month_is_over_for_a_whole_day_and_counted(belize: Portal, olga: User) -> None:
    """A figure that moves while reports come in shows when one arrived."""
    progress = FigureProgress.objects.create(counted_until=datetime(2026, 4, 1, 23, 59, tzinfo=UTC))
    count_reports(belize, date(2026, 2, 1), 20)
    count_reports(belize, date(2026, 3, 31), 40)
    seen = []
    for moment in (datetime(2026, 4, 1, 23, 59, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC)):
        with time_machine.travel(moment, tick=False):
            seen.append(cell(client_of(olga), "reports"))
    assert seen == ["20", "40"]
    progress.counted_until = datetime(2026, 3, 31, 23, 59, tzinfo=UTC)
    progress.save()
    with time_machine.travel(datetime(2026, 4, 2, tzinfo=UTC), tick=False):
        assert cell(client_of(olga), "reports") == "not counted yet"


def test_list_shows_what_is_open_and_what_is_not(belize: Portal, olga: User) -> None:
    assert "<summary>47 %" in cell(client_of(olga), "checklist")
    for name in ("Contact: police", "Test report", "Law and legal age"):
        assert name in cell(client_of(olga), "checklist")
    Portal.objects.all().update(slug="old")
    ready = complete_portal("gh", "Ghana", "en")
    Portal.objects.exclude(pk=ready.pk).update(name="zz")
    assert '<td class="field-checklist">100 %</td>' in client_of(olga).get(LIST).content.decode()


def test_list_writes_days_in_the_operators_language(belize: Portal, olga: User) -> None:
    Portal.objects.update(launched_on=date(2018, 4, 13))
    assert cell(client_of(olga), "launched") == "13 April 2018"
    olga.language = "fr"
    olga.save()
    assert cell(client_of(olga), "launched") == "13 avril 2018"


def test_list_and_page_say_that_a_portal_did_not_open(belize: Portal, olga: User) -> None:
    Portal.objects.update(state=PortalState.SCHEDULED, opens_on=date(2026, 5, 4), opening_missed_on=date(2026, 5, 4))
    shown = "did not open on 4 May 2026: the checklist is not complete"
    assert cell(client_of(olga), "state_label") == shown
    assert shown in client_of(olga).get(page_of(belize, "launch")).content.decode()


def test_each_open_checklist_item_links_to_a_field_of_its_step(belize: Portal, olga: User) -> None:
    client = client_of(olga)
    page = client.get(page_of(belize)).content.decode()
    links = set(re.findall(r'<a href="([^"]+#[^"]+)">', page))
    assert {
        f"{page_of(belize)}#id_legal_source",
        f"{page_of(belize, 'help')}#contacts-group",
        f"{page_of(belize, 'words', 'es')}#id_texts-0-law",
        f"{page_of(belize, 'coverage')}#coverage",
        f"{page_of(belize, 'test')}#test-report",
    } <= links
    for link in links:
        address, _hash, anchor = link.partition("#")
        assert f'id="{anchor}"' in client.get(address).content.decode(), link


def test_words_of_any_language_are_typed_in_their_own_direction(pakistan: Portal, olga: User) -> None:
    client = client_of(olga)
    for step, field in (("words", "texts-0-title"), ("help", "contacts-0-name"), ("partners", "partners-0-name")):
        page = client.get(page_of(pakistan, step)).content.decode()
        assert re.search(rf'<(input|textarea)[^>]* name="{field}"[^>]* dir="auto"', page)


def test_page_shows_a_partner_no_button_and_no_test_address(belize: Portal, petra: User) -> None:
    for step, tools in (("test", ["preview"]), ("launch", ["preview", "kit"])):
        page = client_of(petra).get(page_of(belize, step)).content.decode()
        assert "Launch checklist" in page
        assert belize.test_code not in page
        assert "/state/" not in page
        assert tools_of(page, belize) == tools


def test_launch_step_links_operator_to_preview_kit_export_and_import(belize: Portal, olga: User) -> None:
    page = client_of(olga).get(page_of(belize, "launch")).content.decode()
    assert tools_of(page, belize) == ["preview", "kit", "export", "import"]


def tools_of(page: str, portal: Portal) -> list[str]:
    return re.findall(rf'href="/admin/countries/portal/{portal.pk}/(preview|kit|export|import)/"', page)
