"""Words of crisis: one speaker proposes them with a reason, another approves them, and only then do pages find them."""

from collections.abc import Iterator

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils.translation import gettext, override

from analysts.codes import Role
from analysts.models import User
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import ApprovedText, InterfaceTranslation
from countries.staff.translation.actions import approve_text, propose_text, save_draft
from countries.staff.translation.status import TextStatus, build_rows
from countries.words.crisis_memory import crisis_phrases
from countries.words.crisis_texts import CRISIS_TEXTS, LONGEST_LIST, MOST_PHRASES, find_phrase_faults
from countries.words.language_memory import forget_languages, renew_languages
from countries.words.overlay import clear_texts, renew_texts
from countries.words.po_files import build_po
from countries.words.sources import read_source_texts
from countries.words.translated_rows import TranslatedRow
from reports.safety import in_crisis
from tests.acts.words import approve_row, create_translator, plain_text
from tests.rig.fixtures import client_of, create_person

pytestmark = [pytest.mark.django_db, pytest.mark.urls("portal_site.urls_staff")]
[LIST] = CRISIS_TEXTS
CRY = "soko lima tatu"
REASON = "Heard on the helpline."
PAGE = f"/admin/words/ne/{LIST.digest}/"


@pytest.fixture(autouse=True)
def _clean_memory() -> Iterator[None]:
    yield
    forget_languages()
    clear_texts()


@pytest.fixture
def amina() -> User:
    """Translates Nepali."""
    return create_translator("amina", "ne")


@pytest.fixture
def bilal() -> User:
    """Reviews Nepali."""
    return create_translator("bilal", "ne", is_reviewer=True)


def propose(by: User, *phrases: str) -> InterfaceTranslation:
    return propose_text(by=by, language="ne", source=LIST, forms=["\n".join(phrases)], reason=REASON)


def is_found(text: str = CRY) -> bool:
    renew_languages()
    return in_crisis(text)


def status_of(language: str = "ne") -> TextStatus:
    return next(row.status for row in build_rows(language) if row.source == LIST)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.TRANSLATOR])
def test_no_other_role_adds_or_removes_words_of_crisis(role: Role, amina: User, bilal: User) -> None:
    approve_text(by=bilal, translation=propose(amina, CRY))
    waiting = propose(amina, "other words entirely")
    client = client_of(create_person("other", role))
    for path, fields in (
        ("/admin/countries/crisisphrase/add/", {"language": "ne", "words": "more words"}),
        ("/admin/countries/crisisphrase/1/delete/", {"post": "yes"}),
        (PAGE, {"form0": "more words", "reason": REASON}),
        (f"{PAGE}decide/", {"verdict": "approve", "translation": waiting.pk}),
        ("/admin/words/ne/review/", {"act": "all", "shown": [waiting.pk]}),
    ):
        assert client.post(path, fields).status_code in (403, 404, 422), path
    assert is_found()
    assert not in_crisis("more words")
    assert InterfaceTranslation.objects.proposed().get() == waiting


def test_words_are_in_use_once_another_speaker_approves_them(amina: User, bilal: User) -> None:
    author, reviewer = client_of(amina), client_of(bilal)
    assert author.post(PAGE, {"form0": f" {CRY} \n\nwan tu\tdai\n{CRY}", "reason": REASON}).status_code == 302
    row = InterfaceTranslation.objects.get()
    assert (row.forms, row.change_reason, row.translated_by) == ([f"{CRY}\nwan tu dai"], REASON, amina)
    with pytest.raises(Denied, match="not approve"):
        approve_text(by=amina, translation=row)
    assert not is_found()
    page = reviewer.get(PAGE).content.decode()
    assert REASON in page
    assert f"<ins>{CRY}</ins>" in page
    assert "a translation is proposed" in reviewer.get("/admin/words/ne/?q=crisis").content.decode()
    reviewer.post(f"{PAGE}decide/", {"verdict": "approve", "translation": row.pk})
    assert is_found(f"They said: {CRY.upper()} sita")
    assert status_of() == TextStatus.REVIEWED
    history = author.get(PAGE).content.decode()
    assert all(text in history for text in (REASON, "translated by amina", "decided by bilal", CRY))
    events = AuditEvent.objects.filter(action__startswith="words.").order_by("number")
    names = {"language": "ne", "digest": LIST.digest}
    assert list(events.values_list("action", "actor", "details")) == [
        ("words.propose", "amina", {**names, "reason": REASON}),
        ("words.approve", "bilal", names),
    ]


def test_words_leave_only_with_a_second_speaker(amina: User, bilal: User) -> None:
    approve_text(by=bilal, translation=propose(amina, CRY, "wan tu dai"))
    row = propose(bilal)
    with pytest.raises(Denied, match="Another person"):
        approve_text(by=bilal, translation=row)
    assert is_found()
    carol = create_translator("carol", "ne", is_reviewer=True)
    client = client_of(carol)
    for path in (PAGE, "/admin/words/ne/review/"):
        assert f"<del>{CRY}</del>" in "".join(client.get(path).content.decode().split("\n")).replace(" " * 8, "")
    approve_text(by=carol, translation=row)
    assert not is_found()
    assert crisis_phrases() == ()


def test_words_without_a_reason_are_refused_at_every_door(amina: User) -> None:
    answer = client_of(amina).post(PAGE, {"form0": CRY, "reason": " "})
    assert (answer.status_code, CRY in answer.content.decode()) == (422, True)
    with pytest.raises(ValidationError, match="Say why"):
        propose_text(by=amina, language="ne", source=LIST, forms=[CRY], reason=" ")
    row = save_draft(by=amina, language="ne", source=LIST, forms=[CRY])
    with pytest.raises(IntegrityError, match="crisis_with_reason"), transaction.atomic():
        InterfaceTranslation.objects.filter(pk=row.pk).update(state="proposed")


def test_words_stay_reviewed_only_while_they_are_the_same(amina: User, bilal: User) -> None:
    assert (status_of(), status_of("ur")) == (TextStatus.FALLBACK, TextStatus.SHIPPED)
    approve_text(by=bilal, translation=propose(amina, CRY))
    assert status_of() == TextStatus.REVIEWED
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        ApprovedText.objects.update(forms=["other words"])
    ApprovedText.objects.all().delete()
    approve_row(LIST, "other words", language="ne")
    assert status_of() == TextStatus.TRANSLATED


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("soko", "at least two words"),
        ("soko. lima", "signs that end a sentence"),
        (f"so {'o' * 98}", "at most 100 characters"),
        ("so\u202eko lima", "U+202E"),
        ("so ko\n" * (LONGEST_LIST // 6 + 1), "20000"),
        ("\n".join(f"so ko{number}" for number in range(MOST_PHRASES + 1)), "501 phrases"),
    ],
)
def test_faulty_phrase_is_refused_with_its_fault(text: str, fault: str, amina: User) -> None:
    answer = client_of(amina).post(PAGE, {"form0": text, "reason": REASON})
    assert answer.status_code == 422
    assert fault in answer.content.decode()
    assert fault in " ".join(find_phrase_faults(text))
    assert not InterfaceTranslation.objects.exists()


def test_phrases_are_compared_as_words_and_never_as_a_pattern(amina: User, bilal: User) -> None:
    approve_text(by=bilal, translation=propose(amina, CRY, "pelu * /x [y] {z} _3 tarum", "शब्द एक शब्द दुई"))
    assert is_found("शब्द एक शब्द दुई।")
    assert in_crisis("pelu x y z 3 tarum")
    assert not in_crisis("pelu anything tarum")
    assert not in_crisis("soko lima. tatu")


def test_files_carry_words_of_crisis(amina: User) -> None:
    client: Client = client_of(amina)
    row = TranslatedRow(LIST.context, LIST.singular, "", (f"{CRY}\nwan tu dai",))
    file = build_po("ne", [LIST], {row.digest: row})
    client.post("/admin/words/ne/import/", {"file": SimpleUploadedFile("ne.po", file)})
    proposed = InterfaceTranslation.objects.get()
    assert (proposed.state, proposed.forms) == ("proposed", [f"{CRY}\nwan tu dai"])
    assert proposed.change_reason == "From an imported file."
    assert b'msgctxt "words of crisis"' in client.get("/admin/words/ne/texts.po").content


def test_english_has_words_of_crisis_and_no_other_texts(amina: User) -> None:
    carol = create_translator("carol", "en")
    with pytest.raises(Denied, match="written in the code"):
        propose_text(by=carol, language="en", source=plain_text(), forms=["Other words"])
    assert [row.source for row in build_rows("en")] == [LIST]
    client = client_of(carol)
    assert "words of crisis only" in client.get("/admin/words/").content.decode()
    assert client.get(f"/admin/words/en/{plain_text().digest}/").status_code == 404
    assert client.post(f"/admin/words/en/{LIST.digest}/", {"form0": CRY, "reason": REASON}).status_code == 302


def test_words_of_crisis_are_no_text_of_a_page(caplog: pytest.LogCaptureFixture) -> None:
    edition = renew_texts()
    approve_row(LIST, f"{CRY}\nwan tu dai", language="ur")
    assert renew_texts() == edition
    with override("ur"):
        assert gettext(LIST.singular) == LIST.singular
    assert caplog.records == []
    assert LIST not in read_source_texts()
