"""Translations of interface texts: proposed by one person, approved by another, and only then public."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from analysts.codes import Role
from analysts.models import User
from audit.models import AuditEvent
from audit.permissions import Denied, Late
from countries.models import ApprovedText, InterfaceTranslation, Language, LanguageRole, TranslationState
from countries.staff.translation.actions import (
    add_term,
    approve_shipped_text,
    approve_text,
    decline_text,
    propose_text,
    remove_gone_text,
    remove_term,
    save_draft,
)
from countries.staff.workspace.checklist import words_missing
from countries.tests.factories import LanguageFactory
from countries.words.checks import find_translation_faults
from countries.words.crisis_texts import CRISIS_TEXTS
from countries.words.language_memory import renew_languages
from countries.words.overlay import clear_texts
from countries.words.personal_words import has_own_words
from countries.words.sources import SourceText, read_source_texts, shipped_translations
from tests.acts.words import approve_row, create_translator, give_languages, plain_text
from tests.rig.fixtures import client_of

pytestmark = pytest.mark.django_db
URDU = "ایک اردو جملہ"


@pytest.fixture(autouse=True)
def _shipped_texts() -> Iterator[None]:
    yield
    clear_texts()


@pytest.fixture
def amina() -> User:
    """Translates Urdu."""
    return create_translator("amina", "ur")


@pytest.fixture
def bilal() -> User:
    """Reviews Urdu."""
    return create_translator("bilal", "ur", is_reviewer=True)


def states() -> list[tuple[str, list[str]]]:
    return list(InterfaceTranslation.objects.order_by("pk").values_list("state", "forms"))


def test_text_is_public_once_a_second_person_approves(amina: User, bilal: User) -> None:
    source = plain_text()
    row = propose_text(by=amina, language="ur", source=source, forms=[URDU])
    assert not ApprovedText.objects.exists()
    approve_text(by=bilal, translation=row)
    [public] = ApprovedText.objects.values("language", "digest", "context", "singular", "plural", "forms")
    assert public == {
        "language": "ur",
        "digest": source.digest,
        "context": source.context,
        "singular": source.singular,
        "plural": "",
        "forms": [URDU],
    }
    events = AuditEvent.objects.filter(action__startswith="words.").order_by("number")
    details = {"language": "ur", "digest": source.digest}
    assert list(events.values_list("action", "actor", "details")) == [
        ("words.propose", "amina", details),
        ("words.approve", "bilal", details),
    ]


def test_translators_cannot_approve_their_own_translation(bilal: User) -> None:
    row = propose_text(by=bilal, language="ur", source=plain_text(), forms=[URDU])
    with pytest.raises(Denied, match="Another person must approve"):
        approve_text(by=bilal, translation=row)
    with pytest.raises(IntegrityError, match="approved_by_another"), transaction.atomic():
        InterfaceTranslation.objects.filter(pk=row.pk).update(
            state=TranslationState.APPROVED, reviewed_by=bilal, reviewed_at=timezone.now()
        )
    with pytest.raises(IntegrityError, match="by_person_or_shipped"), transaction.atomic():
        InterfaceTranslation.objects.filter(pk=row.pk).update(translated_by=None)


def test_account_made_after_the_proposal_cannot_approve_it(amina: User, bilal: User) -> None:
    row = propose_text(by=amina, language="ur", source=plain_text(), forms=[URDU])
    User.objects.filter(pk=bilal.pk).update(unchanged_since=timezone.now() + timedelta(minutes=1))
    with pytest.raises(Denied, match="created, renamed"):
        approve_text(by=User.objects.get(pk=bilal.pk), translation=row)


@pytest.mark.parametrize("role", [each for each in Role if each != Role.TRANSLATOR])
def test_other_roles_write_nothing_even_with_a_language(role: Role, amina: User) -> None:
    other = create_translator("other", "ur", is_reviewer=True)
    User.objects.filter(pk=other.pk).update(role=role)
    other = User.objects.get(pk=other.pk)
    row = propose_text(by=amina, language="ur", source=plain_text(), forms=[URDU])
    for attempt in (
        lambda: propose_text(by=other, language="ur", source=plain_text(), forms=[URDU]),
        lambda: approve_text(by=other, translation=row),
        lambda: decline_text(by=other, translation=row, reason=""),
        lambda: add_term(by=other, language="ur", term="receipt", translation="رسید"),
    ):
        with pytest.raises(Denied, match="Only translators"):
            attempt()


def test_right_is_to_one_language(amina: User, bilal: User) -> None:
    give_languages(bilal, "fr")
    with pytest.raises(Denied, match="no right to this language"):
        propose_text(by=amina, language="fr", source=plain_text(), forms=["un mot"])
    row = propose_text(by=bilal, language="fr", source=plain_text(), forms=["un mot"])
    give_languages(amina, "fr")
    with pytest.raises(Denied, match="but not approve"):
        approve_text(by=amina, translation=row)
    LanguageRole.objects.filter(account=amina, language="fr").update(is_reviewer=True)
    approve_text(by=amina, translation=row)


@pytest.mark.parametrize("typed", ["", "<b>x</b>", 'x "y"', "x &amp; y", "%(name)s", "\ue000token\ue000", "\u202ex"])
def test_faulty_translation_is_refused_wherever_it_is_written(amina: User, typed: str) -> None:
    source = plain_text()
    for write in (propose_text, save_draft):
        with pytest.raises(ValidationError):
            write(by=amina, language="ur", source=source, forms=[typed])
    assert states() == []


def test_fault_found_later_is_refused_at_the_approval(amina: User, bilal: User) -> None:
    row = propose_text(by=amina, language="ur", source=plain_text(), forms=[URDU])
    InterfaceTranslation.objects.filter(pk=row.pk).update(forms=["<script>x</script>"])
    with pytest.raises(ValidationError):
        approve_text(by=bilal, translation=row)
    InterfaceTranslation.objects.filter(pk=row.pk).update(forms=[URDU], digest="0" * 64)
    with pytest.raises(ValidationError, match="has changed or gone"):
        approve_text(by=bilal, translation=row)
    assert not ApprovedText.objects.exists()


def test_newer_proposal_replaces_the_waiting_one_and_a_newer_approval_the_approved_one(
    amina: User, bilal: User
) -> None:
    source = plain_text()
    first = propose_text(by=amina, language="ur", source=source, forms=["پہلا"])
    second = propose_text(by=amina, language="ur", source=source, forms=["دوسرا"])
    with pytest.raises(Late):
        approve_text(by=bilal, translation=first)
    approve_text(by=bilal, translation=second)
    approve_text(by=bilal, translation=propose_text(by=amina, language="ur", source=source, forms=["تیسرا"]))
    assert states() == [("superseded", ["پہلا"]), ("superseded", ["دوسرا"]), ("approved", ["تیسرا"])]
    assert [row.forms for row in ApprovedText.objects.all()] == [["تیسرا"]]


def test_declined_and_withdrawn_translations_change_nothing(amina: User, bilal: User) -> None:
    source = plain_text()
    decline_text(
        by=bilal, translation=propose_text(by=amina, language="ur", source=source, forms=[URDU]), reason="Too formal."
    )
    withdrawn = propose_text(by=amina, language="ur", source=source, forms=[URDU])
    decline_text(by=amina, translation=withdrawn, reason="")
    with pytest.raises(Late):
        decline_text(by=amina, translation=withdrawn, reason="")
    rows = InterfaceTranslation.objects.order_by("pk").values_list("state", "reason", "reviewed_by__username")
    assert list(rows) == [("declined", "Too formal.", "bilal"), ("declined", "", "amina")]
    assert not ApprovedText.objects.exists()


def test_shipped_translation_is_approved_as_it_was_read(bilal: User, amina: User) -> None:
    source = plain_text()
    shipped = shipped_translations("ur")[source.digest]
    with pytest.raises(Denied, match="has changed"):
        approve_shipped_text(by=bilal, language="ur", source=source, forms=["another"])
    with pytest.raises(Denied, match="but not approve"):
        approve_shipped_text(by=amina, language="ur", source=source, forms=shipped)
    row = approve_shipped_text(by=bilal, language="ur", source=source, forms=shipped)
    assert (row.state, row.is_machine_made, row.translated_by) == ("approved", True, None)
    assert [text.forms for text in ApprovedText.objects.all()] == [list(shipped)]
    with pytest.raises(Denied, match="approved already"):
        approve_shipped_text(by=bilal, language="ur", source=source, forms=shipped)


def test_every_shipped_translation_can_be_approved() -> None:
    """The shipped texts pass the checks that speakers' texts must pass."""
    shipped = shipped_translations("ur")
    faults = {each.singular: find_translation_faults(each, shipped[each.digest], "ur") for each in read_source_texts()}
    assert {text: list(map(str, found)) for text, found in faults.items() if found} == {}


def test_text_that_counts_needs_every_form_of_the_language(amina: User) -> None:
    source: SourceText = next(each for each in read_source_texts() if each.plural)
    with pytest.raises(ValidationError, match="2 forms"):
        propose_text(by=amina, language="ur", source=source, forms=[source.singular])
    propose_text(by=amina, language="ur", source=source, forms=list(source.forms))


def test_glossary_has_a_term_once_a_language(amina: User) -> None:
    term = add_term(by=amina, language="ur", term="receipt", translation="رسید")
    with pytest.raises(ValidationError, match="has this term already"):
        add_term(by=amina, language="ur", term="receipt", translation="پرچی")
    remove_term(by=amina, term=term)
    assert AuditEvent.objects.latest("number").action == "glossary.remove"


def test_text_whose_source_has_gone_is_removed_by_a_reviewer(amina: User, bilal: User) -> None:
    present, gone = approve_row(plain_text(), URDU), approve_row(SourceText("", "Gone", "", (), ""), URDU)
    with pytest.raises(Denied, match="but not approve"):
        remove_gone_text(by=amina, text=gone)
    with pytest.raises(Denied, match="has this English text"):
        remove_gone_text(by=bilal, text=present)
    remove_gone_text(by=bilal, text=gone)
    assert [row.digest for row in ApprovedText.objects.all()] == [present.digest]
    assert AuditEvent.objects.latest("number").action == "words.remove"


def test_language_is_reviewed_once_every_text_is_approved() -> None:
    rows = [
        ApprovedText(language="ur", digest=source.digest, singular=source.singular, forms=[URDU])
        for source in read_source_texts()
    ]
    ApprovedText.objects.bulk_create(rows[1:])
    assert "must review" in words_missing(["ur"])["ur"]
    rows[0].save()
    assert words_missing(["ur"]) == {"ur": ""}


def test_texts_of_a_new_language_wait_for_its_words_that_ask_who_a_person_is() -> None:
    amina, bilal = create_translator("amina", "kri"), create_translator("bilal", "kri", is_reviewer=True)
    language = LanguageFactory.create(is_open=True)
    renew_languages()
    row = propose_text(by=amina, language="kri", source=plain_text(), forms=["Wan sentens"])
    page = client_of(bilal).get("/admin/words/kri/review/")
    assert "words of the language that ask who a person is" in page.text
    assert ('name="translation"' in page.text, 'value="all"' in page.text) == (False, False)
    with pytest.raises(Denied, match="words of the language that ask who a person is"):
        approve_text(by=bilal, translation=row)
    # Words of crisis are read by no reporter.
    (phrases,) = CRISIS_TEXTS
    listed = propose_text(by=amina, language="kri", source=phrases, forms=["two words"], reason="As people say it.")
    assert f'name="translation" value="{listed.pk}"' in client_of(bilal).get("/admin/words/kri/review/").text
    approve_text(by=bilal, translation=listed)

    Language.objects.filter(pk=language.pk).update(personal_words="yu nem")
    renew_languages()
    assert 'value="all"' in client_of(bilal).get("/admin/words/kri/review/").text
    approve_text(by=bilal, translation=row)


@pytest.mark.parametrize("tag", [tag for tag, _name in settings.LANGUAGES])
def test_each_shipped_language_has_words_that_ask_who_a_person_is(tag: str) -> None:
    assert has_own_words(tag)
