"""Tests of the shipped notice texts and of the choice of text for a recipient."""

import re

import pytest
from django.conf import settings

from analysts.models import NoticeTemplate, Purpose, Recipient, RecipientKind, User
from analysts.takedown.notices import texts
from analysts.takedown.notices.placeholders import DROPS_LINE, faults_of_body, faults_of_subject
from analysts.takedown.notices.shipped_texts import complete_body, lacking_placeholders, read_languages
from analysts.tests.cases.there import HOUR
from audit.models import AuditEvent

ALL = list(texts.read_shipped_texts(HOUR))


def recipient(*languages: str, kind: str = RecipientKind.HOST) -> Recipient:
    return Recipient(kind=kind, name="Example Host", languages=[*languages])


def test_shipped_texts_have_no_faults() -> None:
    for text in ALL:
        kind, purpose = RecipientKind(text.kind), Purpose(text.purpose)
        name = (text.language, kind, purpose)
        assert faults_of_subject(text.subject) == faults_of_body(text.body, kind, purpose) == [], name
        NoticeTemplate._meta.get_field("subject").clean(text.subject, text)
        assert len(text.body) <= 5000, name
        # Every letter names the hotline and, if it asks for a reply, the end of the reply period; only answers to
        # replies repeat no address.
        assert "{hotline}" in text.body, name
        assert ("{answer_until}" in text.body) == purpose.row.asks, name
        assert ("{addresses}" in text.body) != purpose.row.answers_reply, name


@pytest.mark.parametrize("language", sorted(read_languages()))
def test_shipped_language_has_fixed_words_and_a_line_for_each_fact(language: str) -> None:
    english = read_languages()["en"].wordings
    shipped = read_languages()[language]
    assert shipped.wordings.keys() == english.keys()
    assert language == "en" or not set(shipped.wordings.values()) & set(english.values())
    kind = RecipientKind.PLATFORM
    for purpose in (purpose for purpose in texts.purposes_of_kind(kind) if purpose.row.comes_first):
        text = NoticeTemplate(kind=kind, purpose=purpose, language=language, body="{reference}\n{answer_link}")
        assert lacking_placeholders(text) != []
        text.body = complete_body(text)
        assert not lacking_placeholders(text)
        assert not faults_of_body(text.body, kind, purpose)
        lines = text.body.splitlines()
        assert any("{seen_at}" in line and line in shipped.paragraphs["facts"] for line in lines)


def test_fixed_words_exist_in_the_languages_of_the_portals_and_of_the_texts() -> None:
    assert read_languages().keys() == {*dict(settings.LANGUAGES), *(text.language for text in ALL)}


def test_shipped_texts_call_it_what_it_is() -> None:
    assert [text for text in ALL if "porn" in (text.subject + text.body).lower()] == []


def test_each_language_of_letters_has_a_text_for_every_recipient_and_purpose() -> None:
    keys = {(text.language, text.kind, text.purpose) for text in ALL}
    assert len(keys) == len(ALL)
    assert keys == {
        (language, kind, purpose)
        for language in ("de", "en", "es", "fr", "pt")
        for kind in RecipientKind
        for purpose in texts.purposes_of_kind(kind)
    }


def test_shipped_texts_state_the_facts_of_the_english_ones_in_their_order() -> None:
    english_texts = {(text.kind, text.purpose): text for text in ALL if text.language == "en"}
    for text in ALL:
        name, english = (text.language, text.kind, text.purpose), english_texts[text.kind, text.purpose]
        assert placeholders_of(text.subject) == placeholders_of(english.subject), name
        paragraphs, of_english = ([*map(placeholders_of, body.split("\n\n"))] for body in (text.body, english.body))
        assert paragraphs == of_english, name


def placeholders_of(words: str) -> list[str]:
    return sorted(set(re.findall(r"{\w+}", words)))


def test_line_that_may_be_left_out_is_a_label_and_its_fact() -> None:
    """It cuts no sentence."""
    lines = [
        (text.language, text.kind, text.purpose, line)
        for text in ALL
        for line in text.body.splitlines()
        if any(f"{{{fact}}}" in line for fact in DROPS_LINE)
    ]
    assert [line for line in lines if not re.fullmatch(r"([^.,;:{}]+ ?: )?{\w+}", line[-1])] == []


def test_load_leaves_texts_of_operators_and_renews_those_of_an_earlier_release(olga: User) -> None:
    for language, by in {"en": olga, "fr": None}.items():
        NoticeTemplate.objects.create(
            kind=RecipientKind.HOST, language=language, version=4, subject="Ours", body="Ours", by=by, at=HOUR
        )
    # A text of an operator from before there was a shipped one.
    ours = NoticeTemplate.objects.create(
        kind=RecipientKind.POLICE, language="de", version=1, subject="Ours", body="Ours", by=olga, at=HOUR
    )
    assert texts.load_shipped_texts(now=HOUR) == len(ALL) - 2
    details = AuditEvent.objects.get(action="notice_text.load").details
    assert list(details["before"]) == ["host first fr"]
    assert details["after"]["host first fr"]["version"] == 5
    assert (texts.load_shipped_texts(now=HOUR), texts.count_texts_to_load()) == (0, 0)
    assert texts.text_for_recipient(recipient("de", kind=RecipientKind.POLICE), Purpose.FIRST) == ours
    current = {language: texts.text_for_recipient(recipient(language), Purpose.FIRST) for language in ("en", "fr")}
    assert {
        language: (text.subject == "Ours", text.version, text.by) for language, text in current.items() if text
    } == {"en": (True, 4, olga), "fr": (False, 5, None)}


@pytest.mark.parametrize(
    ("languages", "language"),
    [
        (["es"], "es"),
        (["ur", "fr", "es"], "fr"),
        (["pt-br"], "pt"),
        (["PT-BR"], "pt"),
        (["ur"], "en"),
        ([], "en"),
    ],
)
def test_the_first_language_that_there_is_a_text_in_counts(db: None, languages: list[str], language: str) -> None:
    texts.load_shipped_texts(now=HOUR)
    found = texts.text_for_recipient(recipient(*languages), Purpose.AGAIN)
    assert found is not None
    assert (found.language, found.kind, found.purpose) == (language, RecipientKind.HOST, Purpose.AGAIN)


def test_the_latest_version_counts(db: None) -> None:
    texts.load_shipped_texts(now=HOUR)
    for version in (2, 11, 3):
        NoticeTemplate.objects.create(
            kind=RecipientKind.HOST, language="es", version=version, subject="s", body="b", at=HOUR
        )
    found = texts.text_for_recipient(recipient("es"), Purpose.FIRST)
    assert found is not None
    assert found.version == 11


def test_without_any_text_there_is_none(db: None) -> None:
    assert texts.text_for_recipient(recipient("es"), Purpose.FIRST) is None
