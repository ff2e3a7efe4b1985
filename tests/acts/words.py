"""Actions on interface texts, and translators for other tests."""

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from analysts.codes import Role
from analysts.models import User
from countries.models import ApprovedText, LanguageRole
from countries.words.po_files import build_po
from countries.words.signs import TAG
from countries.words.sources import SourceText, read_source_texts, shipped_translations
from countries.words.translated_rows import TranslatedRow
from tests.acts.act import Act, Fields, Stage
from tests.rig.fixtures import client_of, create_person

WORDS = "admin/words/<language:words_tag>/"
TEXT = f"{WORDS}<slug:text_digest>/"
LANGUAGE = "ur"
TRANSLATION = "ایک اردو جملہ"


def create_translator(username: str, *languages: str, is_reviewer: bool = False) -> User:
    """A translator with the right to these languages."""
    user = create_person(username, Role.TRANSLATOR)
    give_languages(user, *languages, is_reviewer=is_reviewer)
    return user


def give_languages(user: User, *languages: str, is_reviewer: bool = False) -> None:
    for tag in languages:
        LanguageRole.objects.create(account=user, language=tag, is_reviewer=is_reviewer)


def plain_texts() -> list[SourceText]:
    """The texts without plural, placeholder and markup."""
    plain = (text for text in read_source_texts() if not (text.plural or text.placeholders))
    return [text for text in plain if not TAG.search(text.singular)]


def plain_text() -> SourceText:
    return plain_texts()[0]


def text_on(page: str, language: str = LANGUAGE) -> SourceText:
    """The longest of the plain texts whose shipped translation the page shows."""
    shipped = shipped_translations(language)
    return max((text for text in plain_texts() if shipped[text.digest][0] in page), key=lambda text: len(text.singular))


def approve_row(source: SourceText, *forms: str, language: str = LANGUAGE) -> ApprovedText:
    """An approved text as the approval writes it, without its people."""
    return ApprovedText.objects.create(
        language=language,
        digest=source.digest,
        context=source.context,
        singular=source.singular,
        plural=source.plural,
        forms=list(forms),
    )


def _give_language(stage: Stage, *, is_reviewer: bool = False) -> Fields:
    give_languages(stage.people[Role.TRANSLATOR], LANGUAGE, is_reviewer=is_reviewer)
    return {"words_tag": LANGUAGE, "text_digest": plain_text().digest}


def _propose(stage: Stage) -> Fields:
    """A translation that another translator proposed."""
    subject = _give_language(stage, is_reviewer=True)
    author = client_of(create_translator("amina", LANGUAGE))
    author.post(f"/admin/words/{LANGUAGE}/{plain_text().digest}/", {"form0": TRANSLATION})
    return subject


def _decision(stage: Stage, _subject: Fields) -> Fields:
    page = stage.client(Role.TRANSLATOR).get(f"/admin/words/{LANGUAGE}/{plain_text().digest}/")
    return {"verdict": "approve", "translation": page.context["waiting"].pk}


def _all_on_page(stage: Stage, _subject: Fields) -> Fields:
    page = stage.client(Role.TRANSLATOR).get(f"/admin/words/{LANGUAGE}/review/").context["page"]
    return {"shown": [row.waiting.pk for row in page.object_list], "act": "all"}


def _changed_text(_stage: Stage, _subject: Fields) -> Fields:
    before = SourceText("", f"{plain_text().singular} Before.", "", (), "")
    return {"old": approve_row(before, TRANSLATION).pk, "new": plain_text().digest}


def _file(_stage: Stage, _subject: Fields) -> Fields:
    row = TranslatedRow("", plain_text().singular, "", (TRANSLATION,))
    return {"file": SimpleUploadedFile("ur.po", build_po(LANGUAGE, [plain_text()], {row.digest: row}))}


def _act(route: str, event: str, fields: Any, prepare: Callable[[Stage], Fields] = _give_language) -> Act:
    return Act(route, event, Role.TRANSLATOR, prepare, fields)


ACTS = (
    _act(TEXT, "words.propose", {"form0": TRANSLATION}),
    _act(f"{TEXT}decide/", "words.approve", _decision, _propose),
    _act(f"{WORDS}review/", "words.approve", _all_on_page, _propose),
    _act(f"{WORDS}changed/", "words.draft", _changed_text),
    _act(f"{WORDS}import/", "words.import", _file),
    _act(f"{WORDS}glossary/", "glossary.add", {"term": "receipt", "translation": "رسید"}),
    Act(
        "admin/accounts/<int:user_id>/languages/",
        "approval.request",
        Role.ADMINISTRATOR,
        lambda stage: stage.people[Role.TRANSLATOR],
        {"translates": "ur", "reviews": "ne", "reason": "Speaks both."},
    ),
)
