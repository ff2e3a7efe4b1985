"""Actions on interface texts for `tests.rig.acts`, and translators for other tests."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from analysts.codes import Role
from analysts.models import User
from countries.models import ApprovedText, LanguageRole
from countries.words.po_files import build_po
from countries.words.signs import TAG
from countries.words.sources import SourceText, read_source_texts, shipped_translations
from countries.words.translated_rows import TranslatedRow
from tests.rig.acts import Act, Stage
from tests.rig.fixtures import ClientResponse, client_of, create_person

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
    plain = (each for each in read_source_texts() if not (each.plural or each.placeholders))
    return [each for each in plain if not TAG.search(each.singular)]


def plain_text() -> SourceText:
    return plain_texts()[0]


def text_on(page: str, language: str = LANGUAGE) -> SourceText:
    """The longest of the plain texts whose shipped translation the page shows."""
    shipped = shipped_translations(language)
    return max((each for each in plain_texts() if shipped[each.digest][0] in page), key=lambda each: len(each.singular))


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


def _translator(stage: Stage, *, is_reviewer: bool = False) -> Client:
    give_languages(stage.people[Role.TRANSLATOR], LANGUAGE, is_reviewer=is_reviewer)
    return stage.client(Role.TRANSLATOR)


def _text_path(act: str = "") -> str:
    return f"/admin/words/{LANGUAGE}/{plain_text().digest}/{act}"


def propose_translation(stage: Stage) -> ClientResponse:
    return _translator(stage).post(_text_path(), {"form0": TRANSLATION})


def approve_translation(stage: Stage) -> ClientResponse:
    author = client_of(create_translator("amina", LANGUAGE))
    author.post(_text_path(), {"form0": TRANSLATION})
    client = _translator(stage, is_reviewer=True)
    waiting = client.get(_text_path()).context["waiting"]
    return client.post(_text_path("decide/"), {"verdict": "approve", "translation": waiting.pk})


def approve_translations(stage: Stage) -> ClientResponse:
    client_of(create_translator("amina", LANGUAGE)).post(_text_path(), {"form0": TRANSLATION})
    client = _translator(stage, is_reviewer=True)
    path = f"/admin/words/{LANGUAGE}/review/"
    shown = [row.waiting.pk for row in client.get(path).context["page"].object_list]
    return client.post(path, {"shown": shown, "act": "all"})


def carry_over_translation(stage: Stage) -> ClientResponse:
    client = _translator(stage)
    gone = SourceText("", f"{plain_text().singular} Before.", "", (), "")
    old = approve_row(gone, TRANSLATION)
    return client.post(f"/admin/words/{LANGUAGE}/changed/", {"old": old.pk, "new": plain_text().digest})


def add_glossary_term(stage: Stage) -> ClientResponse:
    return _translator(stage).post(f"/admin/words/{LANGUAGE}/glossary/", {"term": "receipt", "translation": "رسید"})


def import_texts(stage: Stage) -> ClientResponse:
    row = TranslatedRow("", plain_text().singular, "", (TRANSLATION,))
    file = SimpleUploadedFile("ur.po", build_po(LANGUAGE, [plain_text()], {row.digest: row}))
    return _translator(stage).post(f"/admin/words/{LANGUAGE}/import/", {"file": file})


def request_languages(stage: Stage) -> ClientResponse:
    account = stage.people[Role.TRANSLATOR]
    sent = {"translates": "ur", "reviews": "ne", "reason": "Speaks both."}
    return stage.client(Role.ADMINISTRATOR).post(f"/admin/accounts/{account.pk}/languages/", sent)


ACTS: dict[str, tuple[Act, str]] = {
    TEXT: (propose_translation, "words.propose"),
    f"{TEXT}decide/": (approve_translation, "words.approve"),
    f"{WORDS}review/": (approve_translations, "words.approve"),
    f"{WORDS}changed/": (carry_over_translation, "words.draft"),
    f"{WORDS}import/": (import_texts, "words.import"),
    f"{WORDS}glossary/": (add_glossary_term, "glossary.add"),
    "admin/accounts/<int:user_id>/languages/": (request_languages, "approval.request"),
}
