"""A language that no release ships: opened by two operators, and then part of every page."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils import timezone

from analysts.codes import Role
from analysts.models import User
from audit.models import AuditEvent
from countries import languages
from countries.languages import in_digits, language_name, long_date, text_direction, words_language
from countries.models import (
    ApprovalRequest,
    ApprovedText,
    GlossaryTerm,
    InterfaceTranslation,
    Language,
    Portal,
    PortalText,
)
from countries.public import published
from countries.staff.translation.language_field import LanguageField, known_facts
from countries.staff.translation.opened_languages import LANGUAGE_FIELDS, request_language
from countries.staff.workspace.checklist import words_missing
from countries.tests.factories import LanguageFactory
from countries.words.language_memory import renew_languages
from countries.words.plurals import cldr_rule, plural_rule
from countries.words.sources import read_source_texts
from tests.acts.words import approve_row, create_translator
from tests.rig.fixtures import ClientResponse, client_of, create_person

pytestmark = [pytest.mark.django_db, pytest.mark.urls("portal_site.urls_staff")]

LIST = "/admin/countries/language/"
USUAL = "nplurals=2; plural=(n != 1);"
# Tag, own name, English name, direction, digits: one that CLDR does not know, and one from right to left. The others
# are in `test_opened_language_pages.py`.
TRIED = [
    ("kri", "Krio", "Krio", "ltr", "latn"),
    ("ps", "پښتو", "Pashto", "rtl", "arabext"),
]


def typed(tag: str, name: str, english: str, direction: str, digits: str) -> dict[str, object]:
    rule = cldr_rule(tag)
    return {
        "tag": tag,
        "name": name,
        "english_name": english,
        "direction": direction,
        "digits": digits,
        "plural_rule": str(rule) if rule else USUAL,
        "font_note": "",
        "personal_words": "",
    }


def post_change(user: User, language: Language, **changed: object) -> ClientResponse:
    values = {name: getattr(language, name) for name in LANGUAGE_FIELDS} | changed
    # A box without a tick is not sent.
    return client_of(user).post(
        f"{LIST}{language.pk}/change/", {name: value for name, value in values.items() if value}
    )


def make_open(**fields: Any) -> Language:
    values: dict[str, Any] = {"direction": "ltr", "digits": "latn", "plural_rule": USUAL, "is_open": True} | fields
    language = Language.objects.create(**values)
    renew_languages()
    return language


@pytest.mark.parametrize("row", TRIED, ids=[row[0] for row in TRIED])
def test_two_operators_open_a_language(olga: User, row: tuple[str, str, str, str, str]) -> None:
    tag, name, _english, direction, _digits = row
    assert client_of(olga).post(f"{LIST}add/", typed(*row)).status_code == 302
    language = Language.objects.get(tag=tag)
    assert (language.is_open, languages.opened_languages()) == (False, [])

    response = post_change(olga, language, is_open="on", shows_words="on", reason="Two speakers are ready.")
    request = ApprovalRequest.objects.get()
    assert response["Location"] == f"/admin/approvals/{request.pk}/"
    assert client_of(olga).post(f"/admin/approvals/{request.pk}/approve/").status_code == 403
    otto = client_of(create_person("otto", Role.OPERATOR))
    page = otto.get(f"/admin/approvals/{request.pk}/")
    assert "Language: check carefully" in page.content.decode()
    # Every text that a speaker has to check, in words and not in codes.
    facts = dict(page.context["review"].facts)
    assert (facts["name"], facts["plural rule"]) == (name, "2 forms: 1 …; 0, 2, 3, 4 …")
    assert facts["digits"] == ("0123456789" if tag == "kri" else "۰۱۲۳۴۵۶۷۸۹")
    otto.post(f"/admin/approvals/{request.pk}/approve/")

    renew_languages()
    assert (language_name(tag), text_direction(tag), words_language(tag)) == (name, direction, tag)
    assert LanguageField().clean(name) == tag
    assert plural_rule(tag).count == 2
    actions = AuditEvent.objects.filter(action__in=["language.add", "approval.request", "approval.approve"])
    assert actions.count() == 3
    added, requested, approved = (event.details["changes"] for event in actions.order_by("number"))
    assert added["name"] == {"before": None, "after": name}
    assert requested == approved
    assert requested == {
        "shows_words": {"before": False, "after": True},
        "is_open": {"before": False, "after": True},
    }


@pytest.mark.parametrize("typed_name", ["ne", "Nepali", "नेपाली"])
def test_form_starts_with_what_cldr_says_of_the_language(olga: User, typed_name: str) -> None:
    page = client_of(olga).get(f"{LIST}add/", {"tag": typed_name})
    form = page.context["adminform"].form
    wanted = {"tag": "ne", "name": "नेपाली", "english_name": "Nepali", "digits": "deva", "plural_rule": USUAL}
    assert wanted.items() <= {name: form[name].value() for name in form.fields}.items()
    assert "2 forms: 1 …; 0, 2, 3, 4 … (CLDR’s for this language)" in page.content.decode()


@pytest.mark.parametrize(
    ("typed_name", "tag", "english_name"),
    [
        # CLDR's name without further facts, the catalogue's name, IANA's alone; by tag and by name.
        ("bi", "bi", "Bislama"),
        ("bislama", "bi", "Bislama"),
        ("Belizean Kriol", "bzj", "Belizean Kriol"),
        ("belize kriol english", "bzj", "Belizean Kriol"),
        ("garifuna", "cab", "Garifuna"),
        ("kri", "kri", "Krio"),
        ("Jola-Fonyi", "dyo", "Jola-Fonyi"),
        ("fub", "fub", "Adamawa Fulfulde"),
        ("bzj-latn", "bzj-latn", "Belize Kriol English (Latin)"),
    ],
)
def test_form_starts_with_the_tag_and_name_of_a_language_that_a_list_knows(
    typed_name: str, tag: str, english_name: str
) -> None:
    facts = known_facts(typed_name)
    assert (facts["tag"], facts["english_name"]) == (tag, english_name)


def test_name_of_several_languages_chooses_none() -> None:
    assert known_facts("Mono") == {"english_name": "Mono"}
    assert known_facts(" ") == {}


def test_languages_of_the_catalogue_are_offered(olga: User) -> None:
    page = client_of(olga).get("/admin/languages/").text
    assert '<option value="Garifuna">cab</option>' in page
    assert '<option value="Belizean Kriol">bzj</option>' in page


@pytest.mark.parametrize(
    ("tag", "reason"),
    [
        ("xx", "“xx” is not in IANA’s list of language subtags."),
        ("kri-xx", "“xx” is not in IANA’s list of language subtags."),
        ("iw", "“iw” is no longer in use. Enter “he”."),
        ("sgn", "“sgn” is not the tag of a language."),
        ("und", "“und” is not the tag of a language."),
        ("kri-sl-gm", "“kri-sl-gm” is not the tag of a language."),
    ],
)
def test_tag_that_is_not_one_of_a_language_is_refused(olga: User, adam: User, tag: str, reason: str) -> None:
    page = client_of(olga).post(f"{LIST}add/", typed(tag, "Name", "Name", "ltr", "latn"))
    assert (reason in page.text, Language.objects.count()) == (True, 0)
    amina = create_person("amina", Role.TRANSLATOR)
    page = client_of(adam).post(f"/admin/accounts/{amina.pk}/languages/", {"translates": tag, "reason": "Speaks it."})
    assert (reason in page.text, ApprovalRequest.objects.count()) == (True, 0)


def test_no_plural_rule_is_chosen_for_a_language_that_cldr_does_not_know(olga: User) -> None:
    form = client_of(olga).get(f"{LIST}add/", {"tag": "Zzyzx"}).context["adminform"].form
    assert (form["english_name"].value(), form["tag"].value()) == ("Zzyzx", None)
    assert form.fields["plural_rule"].choices[0] == ("", "---------")
    assert "1 form: " in str(form["plural_rule"])


def test_new_language_is_asked_to_be_opened_in_the_same_save(olga: User) -> None:
    sent = typed("ps", "پښتو", "Pashto", "rtl", "arabext") | {"is_open": "on", "shows_words": "on"}
    page = client_of(olga).post(f"{LIST}add/", sent)
    assert ("Give a reason" in page.text, Language.objects.count()) == (True, 0)
    response = client_of(olga).post(f"{LIST}add/", sent | {"reason": "Two speakers are ready."})
    request, language = ApprovalRequest.objects.get(), Language.objects.get()
    assert response["Location"] == f"/admin/approvals/{request.pk}/"
    assert (language.is_open, language.shows_words) == (False, False)
    events = AuditEvent.objects.filter(action__in=["language.add", "approval.request"]).order_by("number")
    added, requested = (event.details["changes"] for event in events)
    assert added.keys() & {"is_open", "shows_words"} == set()
    assert requested == {
        "shows_words": {"before": False, "after": True},
        "is_open": {"before": False, "after": True},
    }
    client_of(create_person("otto", Role.OPERATOR)).post(f"/admin/approvals/{request.pk}/approve/")
    language.refresh_from_db()
    assert (language.is_open, language.shows_words) == (True, True)


def test_change_before_opening_is_recorded_with_old_and_new_values(olga: User) -> None:
    language = Language.objects.create(tag="kri", name="Krio", english_name="Krio", plural_rule=USUAL)
    post_change(olga, language, name="Kriyo")
    event = AuditEvent.objects.get(action="language.change")
    assert event.details == {"language": "kri", "changes": {"name": {"before": "Krio", "after": "Kriyo"}}}


def test_checklist_says_how_a_language_gets_its_interface_texts(belize: Portal) -> None:
    make_open(tag="kri", name="Krio", english_name="Krio")
    source = read_source_texts()[0]
    approve_row(source, "x", language="kri")
    missing = words_missing(["kri", "ny"])
    assert f"Pages show it in English: 1 of {len(read_source_texts())}" in missing["kri"]
    assert "Open it under “Languages”" in missing["ny"]


def test_language_of_the_product_is_not_opened_again(olga: User) -> None:
    page = client_of(olga).post(f"{LIST}add/", typed("ur", "اردو", "Urdu", "rtl", "latn"))
    assert "This language is part of the product" in page.content.decode()


def test_open_language_changes_by_a_request_and_words_show_in_open_ones_only(olga: User) -> None:
    language = make_open(tag="kri", name="Krio", english_name="Krio")
    assert "Give a reason" in post_change(olga, language, name="Kriyo").content.decode()
    post_change(olga, language, name="Kriyo", reason="As speakers write it.")
    language.refresh_from_db()
    assert (language.name, ApprovalRequest.objects.count()) == ("Krio", 1)
    draft = Language.objects.create(tag="ny", name="Chichewa", english_name="Nyanja", plural_rule=USUAL)
    assert "only once it is open" in post_change(olga, draft, shows_words="on", reason="x").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"tag": "K"},
        {"direction": "up"},
        {"digits": "roman"},
        {"plural_rule": "nplurals=2; plural=system;"},
        {"plural_rule": "nplurals=9; plural=n;"},
        {"name": ""},
    ],
)
def test_database_refuses_what_no_language_has(wrong: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Language.objects.create(**{"tag": "kri", "name": "Krio", "english_name": "Krio", "plural_rule": USUAL, **wrong})


def test_language_with_a_rule_that_cannot_be_computed_takes_no_page_away(belize: Portal) -> None:
    make_open(tag="kri", name="Krio", english_name="Krio", plural_rule="nplurals=2; plural=n%0;")
    assert languages.opened_languages() == []
    assert published.portals_by_slug()


def test_words_stay_english_and_marked_so_until_they_are_shown() -> None:
    make_open(tag="kri", name="Krio", english_name="Krio", digits="latn")
    assert (language_name("kri"), words_language("kri")) == ("Krio", "en")
    Language.objects.update(shows_words=True)
    renew_languages()
    assert (words_language("kri"), words_language("kri-latn")) == ("kri", "kri")
    assert languages.interface_languages()[-1] == "kri"


def test_counts_and_dates_have_the_chosen_digits() -> None:
    make_open(tag="ne", name="नेपाली", english_name="Nepali", digits="deva", shows_words=True)
    make_open(tag="kri", name="Krio", english_name="Krio", shows_words=True)
    assert in_digits("13 of 20", "ne") == "१३ of २०"
    assert long_date(date(2018, 4, 13), "ne").startswith("२०१८")
    # CLDR has no Krio.
    assert long_date(date(2018, 4, 13), "kri") == "13 April 2018"


def test_opened_language_lists_what_it_needs_and_its_texts(olga: User) -> None:
    make_open(tag="kri", name="Krio", english_name="Krio", shows_words=True)
    page = client_of(olga).get("/admin/languages/kri/").content.decode()
    assert all(
        item in page for item in ("crisis words", "error pages", "notice texts", "launch kit", "names of contacts")
    )
    assert f"0 of {len(read_source_texts())} interface texts are translated" in page
    assert "Krio" in client_of(olga).get("/admin/languages/").content.decode()


def test_portal_in_an_opened_language_lacks_nothing_once_all_texts_are_approved(belize: Portal) -> None:
    make_open(tag="kri", name="Krio", english_name="Krio", shows_words=True)
    PortalText.objects.create(portal=belize, language="kri", title="t", welcome="w", about="a")
    texts = read_source_texts()
    assert words_missing(["kri"])["kri"].startswith(f"0 of {len(texts)}")
    ApprovedText.objects.bulk_create(
        ApprovedText(
            language="kri", digest=text.digest, context=text.context, singular=text.singular, plural=text.plural,
            forms=list(text.forms),
        )
        for text in texts
    )  # fmt: skip
    assert words_missing(["kri"]) == {"kri": ""}


def test_reading_portals_reads_languages_too(belize: Portal) -> None:
    Language.objects.create(
        tag="ps", name="پښتو", english_name="Pashto", direction="rtl", plural_rule=USUAL, is_open=True, digits="arabext"
    )
    published.portals_by_slug()
    assert text_direction("ps") == "rtl"


def test_draft_is_listed_and_deleted_by_an_operator(olga: User) -> None:
    draft = LanguageFactory.create()
    make_open(tag="ny", name="Chichewa", english_name="Nyanja")
    page = client_of(olga).get("/admin/languages/")
    assert [language.tag for language in page.context["drafts"]] == ["kri"]
    assert f"{LIST}{draft.pk}/change/" in page.text
    assert f"{LIST}{draft.pk}/delete/" in client_of(olga).get(f"{LIST}{draft.pk}/change/").text
    done = client_of(olga).post(f"{LIST}{draft.pk}/delete/", {"post": "yes"})
    assert done["Location"] == "/admin/languages/"
    assert [language.tag for language in Language.objects.all()] == ["ny"]
    event = AuditEvent.objects.get(action="language.delete")
    assert (event.actor, event.object_id, event.details) == (olga.username, str(draft.pk), {"language": "kri"})


USES: dict[str, Callable[[Language, Portal, User], object]] = {
    "open": lambda language, _portal, _user: Language.objects.filter(pk=language.pk).update(is_open=True),
    "request": lambda language, _portal, user: request_language(
        by=user, language=Language(pk=language.pk, tag="kri", name="Kriyo", english_name="Krio"), reason="x"
    ),
    "portal text": lambda _language, portal, _user: PortalText.objects.create(
        portal=portal, language="kri", title="t", welcome="w", about="a"
    ),
    "translator": lambda _language, _portal, _user: create_translator("amina", "kri"),
    "approved text": lambda _language, _portal, _user: approve_row(read_source_texts()[0], "x", language="kri"),
    "translation": lambda _language, _portal, user: InterfaceTranslation.objects.create(
        language="kri",
        digest="0" * 64,
        singular="x",
        forms=["x"],
        state="draft",
        translated_by=user,
        translated_at=timezone.now(),
    ),
    "term": lambda _language, _portal, _user: GlossaryTerm.objects.create(language="kri", term="t", translation="t"),
}


@pytest.mark.parametrize("use", USES)
def test_language_in_use_is_not_deleted(olga: User, belize: Portal, use: str) -> None:
    language = LanguageFactory.create()
    USES[use](language, belize, olga)
    assert client_of(olga).post(f"{LIST}{language.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Language.objects.filter(pk=language.pk).exists()


def test_each_table_with_a_language_holds_it() -> None:
    """A table that names languages by their tag has a case above, or is about shipped ones or other texts."""
    tables = {
        model.__name__
        for model in apps.get_app_config("countries").get_models()
        if any(field.name == "language" and field.get_internal_type() == "CharField" for field in model._meta.fields)
    }
    of_portals = {"ContactText", "PartnerText"}
    checked = {"PortalText", "LanguageRole", "ApprovedText", "InterfaceTranslation", "GlossaryTerm"}
    assert tables - of_portals == checked | {"LanguageReview"}
