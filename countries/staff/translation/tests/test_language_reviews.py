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
LIST = "/admin/languages/"
PAGE = f"{LIST}es/"


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


def lines(*tags: str, **changed: str) -> dict[str, str]:
    """The fields of several lines as the page has them; `changed` by the field's name with an underscore."""
    page = {
        f"{tag}-{name}": value
        for tag in tags
        for name, value in (
            ("words", words_digest(tag)), ("reviewed_by", f"Speaker of {tag}"), ("reviewed_on", "2026-11-24")
        )
    }  # fmt: skip
    return page | {name.replace("_", "-", 1): value for name, value in changed.items()} | {"record": "all"}


def test_reviews_of_several_languages_are_recorded_and_confirmed_at_once(olga: User, otto: User) -> None:
    olgas, ottos = client_of(olga), client_of(otto)
    form = olgas.get(LIST).context["lines"]
    assert {line.tag for line in form} >= {"es", "fr", "sw"}
    assert (
        olgas.post(LIST, lines("es", "fr") | {"sw-words": words_digest("sw"), "sw-reviewed_by": ""})["Location"] == LIST
    )
    recorded = LanguageReview.objects.filter(confirmed_by=None).values_list("language", "reviewed_by")
    assert set(recorded) == {("es", "Speaker of es"), ("fr", "Speaker of fr")}
    # One's own review cannot be confirmed.
    page = olgas.get(LIST)
    assert (page.context["can_confirm"], 'name="shown"' in page.text) == (False, False)
    page = ottos.get(LIST)
    assert "olga recorded that Speaker of es finished reading on 24 Nov 2026." in " ".join(page.text.split())
    shown = [f"{review.language} {review.digest}" for review, _why_not in page.context["waiting"]]
    assert olgas.post(LIST, {"shown": shown, "confirm": "shown"}).status_code == 422
    assert ottos.post(LIST, {"shown": shown, "confirm": "shown"})["Location"] == LIST
    assert words_missing(["es", "fr"]) == {"es": "", "fr": ""}
    events = AuditEvent.objects.filter(action__in=["language.review", "language.confirm_review"])
    assert sorted(events.values_list("actor", "action", "details__language")) == [
        ("olga", "language.review", "es"),
        ("olga", "language.review", "fr"),
        ("otto", "language.confirm_review", "es"),
        ("otto", "language.confirm_review", "fr"),
    ]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"fr_reviewed_by": ""}, "This field is required."),
        ({"fr_reviewed_on": "2999-01-01"}, "This day is in the future."),
        ({"fr_words": "0" * 64}, "The texts have changed since you opened this page."),
    ],
)
def test_one_faulty_line_records_none_of_them(olga: User, changed: dict[str, str], reason: str) -> None:
    page = client_of(olga).post(LIST, lines("es", "fr", **changed))
    assert (page.status_code, reason in page.text) == (422, True)
    # The typed text stays, for the texts that the page shows now.
    assert 'value="Speaker of es"' in page.text
    assert words_digest("fr") in page.text
    assert not LanguageReview.objects.exists()


def test_nothing_filled_in_records_nothing(olga: User) -> None:
    empty = {name: value for name, value in lines("es").items() if "reviewed" not in name}
    page = client_of(olga).post(LIST, empty)
    assert (page.status_code, "Enter who reviewed the texts" in page.text) == (422, True)


def test_one_review_that_changed_leaves_all_unconfirmed(olga: User, otto: User) -> None:
    client_of(olga).post(LIST, lines("es", "fr"))
    shown = [f"es {words_digest('es')}", f"fr {'0' * 64}"]
    for sent in (shown, [], ["es"], ["xx yy"]):
        page = client_of(otto).post(LIST, {"shown": sent, "confirm": "shown"})
        assert (page.status_code, "waits for a second person" in page.text) == (422, True)
    assert not LanguageReview.objects.exclude(confirmed_by=None).exists()
