"""The review of a shipped language: one operator records it, another confirms it; it is of one digest."""

from datetime import date

import pytest
from django.db import IntegrityError
from django.utils import timezone

from analysts.codes import Role
from analysts.models import User
from audit.models import AuditEvent
from audit.permissions import Denied, Late
from countries.models import LanguageReview
from countries.staff.translation.language_reviews import confirm_review, review_language
from countries.staff.translation.standard_words import words_digest
from countries.staff.workspace.checklist import words_missing
from tests.rig.fixtures import client_of, create_person

DAY = date(2026, 11, 24)
PAGE = "/admin/languages/es/"


@pytest.fixture
def otto(db: None) -> User:
    """The second operator."""
    return create_person("otto", Role.OPERATOR)


@pytest.fixture
def waiting(olga: User, otto: User) -> LanguageReview:
    return review_language(by=olga, language="es", words=words_digest("es"), reviewed_by="Salma", reviewed_on=DAY)


def is_reviewed() -> bool:
    return not words_missing(["es"])["es"]


def test_review_counts_once_another_operator_confirms_it(waiting: LanguageReview, olga: User, otto: User) -> None:
    assert not is_reviewed()
    assert "waits for another operator to confirm it" in client_of(otto).get("/admin/languages/").text
    page = client_of(otto).get(PAGE).text
    assert "olga recorded that Salma finished reading these texts on 24 Nov 2026" in " ".join(page.split())
    assert client_of(otto).post(f"{PAGE}confirm/", {"words": waiting.digest})["Location"] == PAGE
    assert is_reviewed()
    event = AuditEvent.objects.get(action="language.confirm_review")
    assert (event.actor, event.details) == ("otto", {"language": "es", "digest": waiting.digest})
    assert "waits for another" not in client_of(otto).get("/admin/languages/").text


def test_operator_does_not_confirm_an_own_review(waiting: LanguageReview, olga: User) -> None:
    page = client_of(olga).get(PAGE).text
    assert "Another operator must confirm the review that you recorded." in page
    assert "Confirm review" not in page
    answer = client_of(olga).post(f"{PAGE}confirm/", {"words": waiting.digest}, follow=True)
    assert "Another operator must confirm the review that you recorded." in answer.text
    assert not is_reviewed()
    with pytest.raises(IntegrityError, match="language_review_confirmed_by_another"):
        LanguageReview.objects.update(confirmed_by=olga)


def test_account_that_is_newer_than_the_review_does_not_confirm_it(waiting: LanguageReview) -> None:
    newcomer = User.objects.create(username="newcomer", role=Role.OPERATOR)
    with pytest.raises(Denied, match="after this was requested"):
        confirm_review(by=newcomer, language="es", words=waiting.digest)


@pytest.mark.parametrize("who", ["ana", "sena", "petra", "axel", "willa", "adam"])
def test_others_confirm_no_review(waiting: LanguageReview, who: str, request: pytest.FixtureRequest) -> None:
    person: User = request.getfixturevalue(who)
    with pytest.raises(Denied, match="Only operators"):
        confirm_review(by=person, language="es", words=waiting.digest)


def test_review_of_other_texts_is_not_confirmed(waiting: LanguageReview, otto: User) -> None:
    with pytest.raises(Late, match="No review of these texts"):
        confirm_review(by=otto, language="es", words="0" * 64)
    LanguageReview.objects.update(digest="0" * 64)
    with pytest.raises(Denied, match="have changed since"):
        confirm_review(by=otto, language="es", words="0" * 64)


def test_confirmed_review_is_not_recorded_or_confirmed_again(waiting: LanguageReview, olga: User, otto: User) -> None:
    confirm_review(by=otto, language="es", words=waiting.digest)
    with pytest.raises(Late, match="already been confirmed"):
        confirm_review(by=otto, language="es", words=waiting.digest)
    # One operator alone would end it.
    with pytest.raises(Denied, match="are reviewed"):
        review_language(by=olga, language="es", words=waiting.digest, reviewed_by="Another", reviewed_on=DAY)
    assert is_reviewed()


def test_review_of_an_earlier_release_holds_while_its_texts_are_the_same(db: None) -> None:
    """Recorded by one operator, before there were two: no portal loses an item of its checklist by the upgrade."""
    review = LanguageReview.objects.create(
        language="es", digest=words_digest("es"), reviewed_by="Salma", reviewed_on=timezone.localdate()
    )
    assert is_reviewed()
    LanguageReview.objects.filter(pk=review.pk).update(digest="0" * 64)
    assert not is_reviewed()
