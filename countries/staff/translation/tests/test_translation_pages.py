"""The pages of interface texts: numbers, filters, one text for two people, changed sources and the glossary."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analysts.codes import Role
from analysts.models import User
from audit.models import AuditEvent
from countries.models import ApprovedText, InterfaceTranslation
from countries.public import published
from countries.staff.translation.places import find_place
from countries.staff.translation.source_changes import find_changed_texts
from countries.tests.factories import open_portal
from countries.words.overlay import clear_texts
from countries.words.sources import SourceText, read_source_texts
from tests.acts.words import approve_row, create_translator, plain_text, plain_texts, text_on
from tests.rig.fixtures import client_of, create_person

pytestmark = [pytest.mark.django_db, pytest.mark.urls("portal_site.urls_all")]
URDU = "ایک اردو جملہ"


@pytest.fixture(autouse=True)
def _shipped_texts() -> Iterator[None]:
    yield
    clear_texts()


@pytest.fixture
def amina() -> Client:
    """Translates Urdu."""
    return client_of(create_translator("amina", "ur"))


@pytest.fixture
def bilal() -> Client:
    """Reviews Urdu."""
    return client_of(create_translator("bilal", "ur", is_reviewer=True))


def page_of(source: SourceText, language: str = "ur") -> str:
    return f"/admin/words/{language}/{source.digest}/"


def test_overview_counts_each_language(amina: Client) -> None:
    approve_row(read_source_texts()[0], URDU)
    approve_row(SourceText("", "A text of an earlier version", "", (), ""), URDU)
    amina.post(page_of(plain_text()), {"form0": URDU})
    create_translator("chandra", "ne")
    rows = {row.tag: row for row in amina.get("/admin/words/").context["rows"]}
    total = len(read_source_texts())
    assert list(rows) == ["ur", "ar", "es", "fr", "hi", "pt", "sw", "ne"]
    urdu, nepali = rows["ur"], rows["ne"]
    assert (urdu.reviewed, urdu.machine_made, urdu.proposed, urdu.fallback, urdu.outdated) == (1, total - 1, 1, 0, 1)
    assert (nepali.reviewed, nepali.machine_made, nepali.fallback, nepali.translators) == (0, 0, total, 1)


def test_dashboard_of_translators_names_the_work_in_their_languages(amina: Client, bilal: Client) -> None:
    amina.post(page_of(plain_text()), {"form0": URDU})
    create_translator("chandra", "ne")
    page = bilal.get("/admin/").content.decode()
    assert "Review 1 proposed translation" in page
    assert f"0 of {len(read_source_texts())} reviewed" in page
    assert "Your portals" not in page
    own = amina.get("/admin/").content.decode()
    assert "Review 1" not in own
    assert "/admin/words/ne/" not in own
    # The reader's languages are the first of the overview.
    assert next(iter(amina.get("/admin/words/").context["rows"])).tag == "ur"


def test_list_is_filtered_and_searched(amina: Client) -> None:
    source = plain_text()
    amina.post(page_of(source), {"form0": URDU})
    page = amina.get("/admin/words/ur/?show=proposed")
    assert [row.source for row in page.context["page"].object_list] == [source]
    searched = amina.get("/admin/words/ur/", {"q": source.singular[:60].upper()}).context["page"].object_list
    assert source in [row.source for row in searched]
    assert amina.get("/admin/words/ur/?show=nonsense&page=9999").status_code == 200
    # A language without any text says which language readers see.
    create_translator("chandra", "ne")
    nepali = amina.get("/admin/words/ne/?show=fallback")
    assert "shown in English" in nepali.content.decode()
    assert amina.get("/admin/words/xx/").status_code == 404


def test_wrong_sentence_is_corrected_by_two_people_and_live(amina: Client, bilal: Client, client: Client) -> None:
    open_portal("pk", "Pakistan", "ur", country="PK")
    source = text_on(client.get("/pk/ur/").content.decode())
    page = amina.get(page_of(source)).content.decode()
    assert 'lang="ur" dir="rtl" class="words-input"' in page
    amina.post(page_of(source), {"form0": URDU})
    own = amina.get(page_of(source)).content.decode()
    assert "may translate this language, but not approve translations" in own
    assert "Withdraw" in own
    shown = bilal.get(page_of(source))
    waiting = shown.context["waiting"]
    assert URDU not in client.get("/pk/ur/").content.decode()
    preview = bilal.get(f"{page_of(source)}preview/start")
    assert URDU in preview.content.decode()
    published.clear_cache()
    assert URDU not in client.get("/pk/ur/").content.decode()
    done = bilal.post(f"{page_of(source)}decide/", {"verdict": "approve", "translation": waiting.pk})
    assert done.status_code == 302
    published.clear_cache()
    assert URDU in client.get("/pk/ur/").content.decode()
    late = bilal.post(f"{page_of(source)}decide/", {"verdict": "approve", "translation": waiting.pk})
    assert late.status_code == 409


def test_going_on_leads_to_the_next_text_of_the_list(amina: Client, bilal: Client) -> None:
    first, second, third = plain_texts()[:3]
    for source in (first, second, third):
        amina.post(page_of(source), {"form0": URDU})
    waiting = [row.source for row in bilal.get("/admin/words/ur/?show=proposed").context["page"].object_list]
    place = f"{page_of(waiting[0])}decide/?show=proposed"
    number = InterfaceTranslation.objects.get(digest=waiting[0].digest).pk
    done = bilal.post(place, {"go_on": "approve", "translation": number})
    # The next one, although the first is in the list no more.
    assert done.headers["Location"] == f"{page_of(waiting[1])}?show=proposed"
    again = amina.post(f"{page_of(waiting[1])}?show=proposed", {"form0": f"{URDU}!", "go_on": "1"})
    assert again.headers["Location"] == f"{page_of(waiting[2])}?show=proposed"
    last = amina.post(f"{page_of(waiting[2])}?show=proposed", {"form0": f"{URDU}!", "go_on": "1"})
    assert last.headers["Location"] == f"{page_of(waiting[2])}?show=proposed"


def test_reviewer_approves_what_others_proposed_many_at_once(amina: Client, bilal: Client) -> None:
    others, own = plain_texts()[:3], plain_texts()[3]
    for source in others:
        amina.post(page_of(source), {"form0": f"<b>{URDU}"})
        amina.post(page_of(source), {"form0": URDU})
    bilal.post(page_of(own), {"form0": URDU})
    page = bilal.get("/admin/words/ur/review/")
    shown = {row.source.digest: row.waiting.pk for row in page.context["page"].object_list}
    assert shown.keys() == {source.digest for source in others}
    assert "Review 3 proposed translations" in bilal.get("/admin/words/ur/").content.decode()
    assert "Review 1 " not in amina.get("/admin/words/ur/").content.decode()
    # Nothing is ticked; a translator; one who proposes another version after the page was shown.
    assert bilal.post("/admin/words/ur/review/", {"act": "ticked", "shown": [*shown.values()]}).status_code == 422
    assert amina.post("/admin/words/ur/review/", {"act": "all", "shown": [*shown.values()]}).status_code == 422
    amina.post(page_of(others[0]), {"form0": f"{URDU}!"})
    bilal.post("/admin/words/ur/review/", {"act": "ticked", "translation": shown[others[1].digest]})
    assert [row.digest for row in ApprovedText.objects.all()] == [others[1].digest]
    bilal.post("/admin/words/ur/review/", {"act": "all", "shown": [*shown.values(), "9" * 30, "x"]})
    assert {row.digest for row in ApprovedText.objects.all()} == {others[1].digest, others[2].digest}
    assert AuditEvent.objects.filter(action="words.approve").count() == 2


def test_each_refusal_among_many_has_its_reason(amina: Client, bilal: Client) -> None:
    for source in plain_texts()[:2]:
        amina.post(page_of(source), {"form0": URDU})
    wrong, right = InterfaceTranslation.objects.order_by("pk")
    InterfaceTranslation.objects.filter(pk=wrong.pk).update(forms=["<script>"])
    sent = {"act": "all", "shown": [wrong.pk, right.pk]}
    page = bilal.post("/admin/words/ur/review/", sent, follow=True).content.decode()
    assert "is markup, and the English text has none like it" in page
    assert "1 translation is approved." in page
    assert ApprovedText.objects.get().digest == right.digest


def test_refused_translation_is_shown_again_with_the_reason(amina: Client) -> None:
    answer = amina.post(page_of(plain_text()), {"form0": "<b>typed</b>"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "There is a problem" in page
    assert "&lt;b&gt;typed&lt;/b&gt;" in page
    assert not InterfaceTranslation.objects.exists()


def test_text_that_counts_has_a_field_for_each_form_with_its_numbers() -> None:
    source = next(each for each in read_source_texts() if each.plural)
    form = client_of(create_translator("amal", "ar")).get(page_of(source, "ar")).context["form"]
    assert [field.label for field in form][:3] == ["For the numbers 0", "For the numbers 1", "For the numbers 2"]
    assert len(form.fields) == 6


def test_source_shows_placeholders_marked_and_terms_of_the_glossary(amina: Client) -> None:
    source = next(each for each in read_source_texts() if each.placeholders and not each.plural)
    word = next(word for word in source.singular.split() if word.isalpha() and len(word) > 3)
    amina.post("/admin/words/ur/glossary/", {"term": word, "translation": "لفظ", "note": "as agreed"})
    page = amina.get(page_of(source)).content.decode()
    assert f'<code dir="ltr">{source.placeholders[0]}</code>' in page
    assert "as agreed" in page


def test_changed_source_offers_the_old_translation_as_a_draft(amina: Client) -> None:
    now = max(plain_texts(), key=lambda each: len(each.singular))
    old = SourceText("", now.singular.replace(".", ", as before.", 1), "", (), "")
    approve_row(old, URDU)
    approve_row(SourceText("", "Zzz qqq xxx", "", (), ""), URDU)
    changed, number = find_changed_texts("ur")
    assert (number, {each.old.singular: each.now for each in changed}) == (
        2,
        {old.singular: now, "Zzz qqq xxx": None},
    )
    row = ApprovedText.objects.get(digest=old.digest)
    page = amina.get("/admin/words/ur/changed/").content.decode()
    assert "No new English text is like it." in page
    # The change is marked, word by word.
    pieces = next(each.pieces for each in changed if each.now)
    assert "".join(piece.words for piece in pieces if piece.how != "removed") == now.singular
    assert "".join(piece.words for piece in pieces if piece.how != "added") == old.singular
    assert "<del>" in page
    amina.post("/admin/words/ur/changed/", {"old": row.pk, "new": now.digest})
    draft = InterfaceTranslation.objects.get()
    assert (draft.state, draft.digest, draft.forms) == ("draft", now.digest, [URDU])
    form = amina.get(page_of(now)).context["form"]
    assert form["form0"].value() == URDU


def test_operator_reads_and_translators_read_nothing_else(amina: Client, olga: User) -> None:
    page = client_of(olga).get(page_of(plain_text()))
    assert page.status_code == 200
    assert "Only translators may write interface texts." in page.content.decode()
    for path in ("/admin/countries/portal/", "/admin/languages/", "/admin/queue/", "/admin/approvals/"):
        assert amina.get(path).status_code == 403, path
    assert client_of(create_person("petra", Role.PARTNER)).get("/admin/words/").status_code == 403


@pytest.mark.usefixtures("sessions_noted_later")
def test_pages_of_texts_ask_as_many_queries_for_many_rows(amina: Client) -> None:
    def costs() -> list[int]:
        found = []
        for path in (
            "/admin/words/",
            "/admin/words/ur/",
            page_of(plain_text()),
            "/admin/words/ur/changed/",
            "/admin/words/ur/review/",
        ):
            amina.get(path)
            with CaptureQueriesContext(connection) as queries:
                amina.get(path)
            found.append(len(queries))
        return found

    approve_row(SourceText("", "Gone 0", "", (), ""), URDU)
    amina.post(page_of(plain_text()), {"form0": URDU})
    before = costs()
    for number, source in enumerate(read_source_texts()[:9]):
        approve_row(source, *([URDU] * (2 if source.plural else 1)))
        approve_row(SourceText("", f"Gone again {number}", "", (), ""), URDU)
    amina.post(page_of(plain_text()), {"form0": f"{URDU}!"})
    assert costs() == before


def test_preview_of_each_place_shows_its_page(amina: Client, open_keys: object) -> None:
    open_portal("pk", "Pakistan", "ur", country="PK")
    sources = {find_place(source.places[0]).page: source for source in read_source_texts()}
    assert len(sources) > 10
    statuses = {page: amina.get(f"{page_of(source)}preview/start").status_code for page, source in sources.items()}
    # A form that is shown again, and the page that asks to wait.
    others = {"?error=404": 404, "?error=500": 500, "report/?sample=wait": 429}
    others |= {page: 422 for page in statuses if page and page.endswith("-refused")}
    assert statuses == {page: others.get(page or "", 200) for page in statuses}
    # A language that no portal has is shown in the first one.
    hindi = client_of(create_translator("hari", "hi")).get(f"{page_of(plain_text(), 'hi')}preview/start")
    assert 'lang="hi"' in hindi.content.decode()
