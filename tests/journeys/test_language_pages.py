"""The operators' pages for languages, and recording a review."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from analysts.models import User
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import LanguageReview
from countries.staff.translation.language_reviews import review_language
from countries.staff.translation.standard_words import words_digest
from tests.rig.fixtures import client_of

CATALOGUE = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Last-Translator: machine-made, needs review by a speaker\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

#: templates/reports/report.html
msgid "Hello <em>%(name)s</em>"
msgstr "{hello}"
"""


@pytest.fixture(autouse=True)
def locale(tmp_path: Path, settings: Any) -> Path:
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [("en", "English"), ("ur", "Urdu")]
    write(tmp_path)
    return tmp_path


def write(locale: Path, hello: str = "سلام <em>%(name)s</em>") -> None:
    po = locale / "ur" / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True, exist_ok=True)
    po.write_text(CATALOGUE.format(hello=hello))


def answer(**changed: str) -> dict[str, str]:
    return {"words": words_digest("ur"), "reviewed_by": "Salma", "reviewed_on": "2026-11-24", **changed}


def test_operator_reads_words_beside_their_source(olga: User) -> None:
    page = client_of(olga).get("/admin/languages/ur/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "Hello &lt;em&gt;%(name)s&lt;/em&gt;" in text
    assert '<td lang="ur" dir="rtl">' in text
    assert "سلام" in text
    assert "Record review" in text


def test_operator_records_a_review(olga: User) -> None:
    client = client_of(olga)
    assert "not reviewed" in client.get("/admin/languages/").content.decode()
    done = client.post("/admin/languages/ur/", answer())
    assert (done.status_code, done.headers["Location"]) == (302, "/admin/languages/")
    review = LanguageReview.objects.get()
    assert (review.language, review.reviewed_by, review.reviewed_on) == ("ur", "Salma", date(2026, 11, 24))
    assert review.digest == words_digest("ur")
    event = AuditEvent.objects.get(action="language.review")
    assert (event.actor, event.details) == (olga.username, {"language": "ur", "digest": words_digest("ur")})
    assert "by Salma on 24 Nov 2026" in client.get("/admin/languages/").content.decode()


def test_review_of_words_that_changed_since_is_refused(olga: User, locale: Path) -> None:
    old = answer()
    write(locale, "آداب <em>%(name)s</em>")
    page = client_of(olga).post("/admin/languages/ur/", old)
    assert page.status_code == 422
    assert "The texts have changed since you opened this page." in page.content.decode()
    assert 'value="Salma"' in page.content.decode()
    # After the form was read again, it applies to the texts that the page shows now.
    assert words_digest("ur") in page.content.decode()
    assert not LanguageReview.objects.exists()
    assert not AuditEvent.objects.filter(action="language.review").exists()


def test_page_says_where_words_changed_after_the_review(olga: User, locale: Path) -> None:
    review_language(
        by=olga, language="ur", words=words_digest("ur"), reviewed_by="Salma", reviewed_on=date(2026, 11, 24)
    )
    client = client_of(olga)
    assert "changed since" not in client.get("/admin/languages/").content.decode()
    write(locale, "آداب <em>%(name)s</em>")
    assert "changed since" in client.get("/admin/languages/").content.decode()


def test_incomplete_language_cannot_be_reviewed(olga: User, locale: Path) -> None:
    write(locale, "")
    client = client_of(olga)
    page = client.get("/admin/languages/ur/").content.decode()
    assert "Not all interface texts are translated yet" in page
    assert "Record review" not in page
    assert client.post("/admin/languages/ur/", answer()).status_code == 422
    assert not LanguageReview.objects.exists()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"reviewed_by": ""}, "This field is required."),
        ({"reviewed_on": "yesterday"}, "Enter a valid date."),
        ({"reviewed_on": (datetime.now(UTC) + timedelta(days=2)).date().isoformat()}, "This day is in the future."),
        ({"reviewed_by": "x" * 101}, "at most 100 characters"),
    ],
)
def test_bad_review_is_explained(olga: User, changed: dict[str, str], message: str) -> None:
    page = client_of(olga).post("/admin/languages/ur/", answer(**changed))
    assert page.status_code == 422
    assert message in page.content.decode()
    assert not LanguageReview.objects.exists()


def test_language_that_is_not_there_is_not_found(olga: User) -> None:
    client = client_of(olga)
    assert client.get("/admin/languages/xx/").status_code == 404
    assert client.get("/admin/languages/..%2Fetc/").status_code == 404
    assert client.get("/admin/languages/en/").status_code == 200


@pytest.mark.parametrize("who", ["ana", "sena", "petra", "axel", "willa", "adam"])
def test_languages_open_to_operators_only(who: str, request: pytest.FixtureRequest) -> None:
    person: User = request.getfixturevalue(who)
    client = client_of(person)
    assert client.get("/admin/languages/").status_code == 403
    assert client.get("/admin/languages/ur/").status_code == 403
    assert client.post("/admin/languages/ur/", answer()).status_code == 403
    assert "/admin/languages/" not in client.get("/admin/").content.decode()
    with pytest.raises(Denied):
        review_language(
            by=person, language="ur", words=words_digest("ur"), reviewed_by="S", reviewed_on=date(2026, 11, 24)
        )
    assert not LanguageReview.objects.exists()


def test_stranger_is_sent_to_sign_in(db: None) -> None:
    assert Client().get("/admin/languages/").headers["Location"].startswith("/accounts/login/")
