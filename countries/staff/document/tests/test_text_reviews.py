"""Reviews of a portal's texts: one for each text, ended by a change of that text alone."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from analysts.codes import Role
from analysts.models import User
from countries.models import ApprovalRequest, Portal, PortalState, PortalTextPart, TextReview, text_digest
from countries.staff.document.differences import find_differences
from countries.staff.document.exchange import build_export, from_toml, parse_upload
from countries.staff.document.portal_document import apply_document, document_of
from countries.staff.document.text_reviews import part_statuses
from countries.staff.requests.approvals import approve_request
from countries.staff.workspace.portal_approvals import PORTAL_WORDS
from countries.staff.workspace.tests.test_admin import page_of, save
from countries.tests.factories import review_texts
from tests.rig.fixtures import client_of, create_person

REVIEW = {"texts-0-reviewed_by": "Amina Diallo", "texts-0-reviewed_on": "2026-05-04"}


@pytest.fixture
def draft(belize: Portal) -> Portal:
    """English is the first of its texts, and has no law."""
    belize.state = PortalState.DRAFT
    belize.save()
    return belize


def reviewed(portal: Portal, language: str = "en") -> set[str]:
    text = portal.texts.get(language=language)
    return {status.part.value for status in part_statuses(text, timezone.localdate()) if status.review}


def test_review_covers_the_ticked_texts_as_they_are_saved(draft: Portal, olga: User) -> None:
    client = client_of(olga)
    assert save(client, page_of(draft, "words"), **REVIEW, **{"texts-0-law": "The law forbids it."}).status_code == 302
    assert reviewed(draft) == set(PortalTextPart.values)
    assert reviewed(draft, "es") == set()
    assert set(TextReview.objects.values_list("reviewed_by", "reviewed_on", "recorded_by")) == {
        ("Amina Diallo", date(2026, 5, 4), olga.pk)
    }


def test_corrected_sentence_ends_the_review_of_its_text_alone(draft: Portal, olga: User) -> None:
    client = client_of(olga)
    save(client, page_of(draft, "words"), **REVIEW)
    save(client, page_of(draft, "words"), **{"texts-0-welcome": "One corrected sentence."})
    assert reviewed(draft) == {"title", "about", "suspended_message", "closed_message"}
    page = client.get(page_of(draft, "words")).content.decode()
    assert "welcome: changed since the review by Amina Diallo on 4 May 2026" in page
    assert "title: reviewed by Amina Diallo on 4 May 2026" in page
    assert "law: empty" in page
    # Only what is due is ticked.
    save(client, page_of(draft, "words"), **{**REVIEW, "texts-0-reviewed_by": "Rita Reviewer"})
    assert reviewed(draft) == {"title", "welcome", "about", "suspended_message", "closed_message"}
    assert list(TextReview.objects.filter(reviewed_by="Rita Reviewer").values_list("part", flat=True)) == ["welcome"]


def test_line_endings_end_no_review(draft: Portal) -> None:
    draft.texts.update(about="one\r\ntwo")
    review_texts(draft)
    draft.texts.update(about="one\ntwo")
    assert "about" in reviewed(draft)
    # The database computes the same digest.
    assert set(TextReview.objects.current()) == set(TextReview.objects.all())
    draft.texts.update(about="one two")
    assert {review.part for review in TextReview.objects.all()} - {
        review.part for review in TextReview.objects.current()
    } == {"about"}


def test_review_on_a_live_portal_takes_two_operators_and_keeps_the_portal_live(belize: Portal, olga: User) -> None:
    review_texts(belize)
    changed = {"texts-0-welcome": "One corrected sentence.", "reason": "A spelling mistake."}
    save(client_of(olga), page_of(belize, "words"), **changed)
    request = ApprovalRequest.objects.get()
    assert set(request.payload["changes"]["texts"]["en"]) == {"reviews", "welcome"}
    otto = create_person("otto", Role.OPERATOR)
    page = client_of(otto).get(f"/admin/approvals/{request.pk}/").content.decode()
    assert "review: welcome" in page
    approve_request(PORTAL_WORDS, by=otto, request=request)
    assert "welcome" not in reviewed(belize)
    assert Portal.objects.get().state == PortalState.LIVE

    save(client_of(olga), page_of(belize, "words"), **REVIEW, reason="Reviewed again.")
    assert "welcome" not in reviewed(belize)
    approve_request(PORTAL_WORDS, by=otto, request=ApprovalRequest.objects.waiting().get())
    assert "welcome" in reviewed(belize)
    assert TextReview.objects.get(part="welcome", text__language="en").recorded_by_id == olga.pk


def test_reader_of_the_page_sees_the_reviews(belize: Portal, petra: User) -> None:
    review_texts(belize, PortalTextPart.TITLE)
    page = client_of(petra).get(page_of(belize, "words")).content.decode()
    assert "title: reviewed by Amina Diallo on" in page
    assert "welcome: not reviewed" in page
    assert 'name="texts-0-reviewed_by"' not in page


def test_document_carries_the_reviews_and_keeps_who_recorded_them(belize: Portal, zambia: Portal, olga: User) -> None:
    review_texts(belize)
    TextReview.objects.update(recorded_by=olga)
    document = document_of(belize)
    apply_document(belize, document, recorded_by=None)
    assert set(TextReview.objects.values_list("recorded_by", flat=True)) == {olga.pk}
    apply_document(zambia, {**document, "slug": "zm"})
    assert document_of(zambia)["texts"] == document["texts"]
    assert from_toml(build_export(document))["texts"] == document["texts"]
    without = {**document, "texts": [{**text, "reviews": []} for text in document["texts"]]}
    apply_document(belize, without)
    assert not TextReview.objects.filter(text__portal=belize).exists()


def test_imported_review_counts_only_if_the_operator_checked_it(belize: Portal) -> None:
    review_texts(belize)
    file = build_export(document_of(belize)).encode()
    assert all(text["reviews"] for text in parse_upload(file, checked=True)["texts"])
    assert not any(text["reviews"] for text in parse_upload(file, checked=False)["texts"])


def test_file_and_request_of_an_earlier_release_are_understood(belize: Portal) -> None:
    old = 'slug = "x"\nname = "X"\n[[texts]]\nlanguage = "en"\ntitle = "T"\n'
    [text] = from_toml(f'{old}reviewed_by = "Rita"\nreviewed_on = 2026-05-04')["texts"]
    assert text["reviews"] == [
        {"part": "title", "digest": text_digest("T"), "reviewed_by": "Rita", "reviewed_on": "2026-05-04"}
    ]
    review_texts(belize)
    document = document_of(belize)
    for row in document["texts"]:
        del row["reviews"]
    assert find_differences(document_of(belize), document) == []
    apply_document(belize, document)
    assert "title" in reviewed(belize)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('part = "title"', "texts 1, reviews 1: not a review"),
        ('part = "other"\nreviewed_by = "R"\nreviewed_on = 2026-05-04', "texts 1, reviews 1: not a review"),
        ('part = "title"\nreviewed_by = "R"\nreviewed_on = "2026-5-4"', "texts 1, reviews 1: not a review"),
        ('part = "title"\nrecorded_by = 1', "texts 1, reviews 1, recorded_by: no such key"),
    ],
)
def test_review_in_a_file_that_is_none_is_refused(row: str, message: str) -> None:
    digest = text_digest("T")
    with pytest.raises(ValidationError, match=message):
        from_toml(f'slug = "x"\nname = "X"\n[[texts]]\nlanguage = "en"\n[[texts.reviews]]\ndigest = "{digest}"\n{row}')


def test_difference_names_a_review_that_ends(belize: Portal) -> None:
    review_texts(belize, PortalTextPart.TITLE)
    before = document_of(belize)
    after = {**before, "texts": [{**before["texts"][0], "title": "Another"}, *before["texts"][1:]]}
    title, ended = find_differences(before, after)
    assert [(each.part, each.field) for each in (title, ended)] == [("texts", "title"), ("texts", "reviews")]
    assert (ended.label, ended.before.partition(",")[0], ended.after) == ("review: title", "Amina Diallo", "")
