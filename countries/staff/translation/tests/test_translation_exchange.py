"""Import and export on the staff surface: who may, what becomes of each row, and hostile files."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from analysts.codes import Role
from analysts.models import User
from audit.models import AuditEvent
from countries.models import InterfaceTranslation, LanguageRole, TranslationState
from countries.words.po_files import build_po
from countries.words.sources import read_source_texts
from countries.words.translated_rows import LARGEST_FILE, TranslatedRow
from tests.rig.fixtures import ClientResponse, client_of, create_person

pytestmark = [pytest.mark.django_db, pytest.mark.urls("portal_site.urls_staff")]


@pytest.fixture
def tara() -> User:
    """A translator of Spanish."""
    account = create_person("tara", Role.TRANSLATOR)
    LanguageRole.objects.create(account=account, language="es")
    return account


def upload(user: User, content: bytes, name: str = "es.po", language: str = "es") -> ClientResponse:
    file = SimpleUploadedFile(name, content, "application/octet-stream")
    return client_of(user).post(f"/admin/words/{language}/import/", {"file": file})


def test_good_rows_become_proposals_and_drafts_and_faulty_ones_are_named(tara: User) -> None:
    plain = [text for text in read_source_texts() if not text.plural and text.singular.isalpha()][:4]
    rows = {
        text.digest: TranslatedRow(text.context, text.singular, "", (words,), made)
        for text, words, made in zip(
            plain, ["uno", "dos", "<b>tres</b>", "https://example.org/"], [False, True, False, False], strict=True
        )
    }
    page = upload(tara, build_po("es", plain, rows)).content.decode()
    assert "1 text is proposed" in page
    assert "1 machine-made text is a draft" in page
    assert "2 rows were not taken" in page
    assert all(part in page for part in ("line ", "&lt;b&gt;tres&lt;/b&gt;", "is markup", "can be read as an address"))
    found = InterfaceTranslation.objects.order_by("-state").values_list("state", "forms", "is_machine_made")
    assert list(found) == [(TranslationState.PROPOSED, ["uno"], False), (TranslationState.DRAFT, ["dos"], True)]
    event = AuditEvent.objects.get(action="words.import")
    assert event.details == {"language": "es", "proposed": 1, "drafted": 1, "faulty": 2}

    # An imported text is in the next export, and unchanged in the next import.
    client = client_of(tara)
    exported = client.get("/admin/words/es/texts.po").content
    assert upload(tara, exported).content.decode().count("0 texts are proposed") == 1
    assert client.get("/admin/words/es/texts.po").content == exported
    partly = client.get("/admin/words/es/texts.xlsx?only=untranslated")
    assert partly["Content-Disposition"] == 'attachment; filename="interface-texts-es.xlsx"'


def test_only_a_translator_of_the_language_imports(tara: User, olga: User) -> None:
    assert upload(tara, b"x", language="fr").status_code == 403
    assert upload(olga, b"x").status_code == 403
    assert client_of(olga).get("/admin/words/es/texts.po").status_code == 200
    assert client_of(olga).get("/admin/words/es-xx/texts.po").status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("es.po", b"PK\x03\x04"),
        ("es.xlsx", b"PK\x03\x04"),
        ("es.po", b'msgid "a'),
        ("es.exe", b"MZ"),
        ("es", b""),
        ("es.po", b"x" * (LARGEST_FILE + 10)),
        ("es.xlsx", b"\0" * 1000),
    ],
)
def test_hostile_file_is_refused_with_a_reason(tara: User, name: str, content: bytes) -> None:
    page = upload(tara, content, name)
    assert page.status_code == 422
    assert "errorlist" in page.content.decode() or "error" in page.content.decode()
    assert not InterfaceTranslation.objects.exists()
