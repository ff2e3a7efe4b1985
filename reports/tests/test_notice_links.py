"""The values derived from the secret in a notice's link."""

import math

import pytest

from reports import notice_links
from reports.models import KeyClass
from reports.notices import NOTHING_DECIDED, AnswerKind, RecipientAction, RecipientAnswer, RecipientDecision

SECRET = bytes(range(16))


def test_secret_survives_being_written() -> None:
    text = notice_links.encode_secret(SECRET)

    assert len(text) == 26
    assert text.isalnum()
    assert text == text.lower()
    assert notice_links.decode_secret(text) == notice_links.decode_secret(text.upper()) == SECRET


def test_secret_cannot_be_tried() -> None:
    assert math.log2(32) * 26 >= 8 * notice_links.SECRET_BYTES == 128


@pytest.mark.parametrize("text", ["", "x", "0" * 26, "a" * 27, "a" * 25 + "b", "a" * 10_000, "\0", "é" * 26, "\udc80"])
def test_what_is_no_secret_leads_nowhere_and_fails_nothing(text: str) -> None:
    """Two spellings never lead to one notice: the last letter holds two bits that belong to no byte."""
    ours = notice_links.derive_link_credentials(notice_links.decode_secret(text)).link_id
    others = notice_links.derive_link_credentials(notice_links.decode_secret(text + "?")).link_id

    assert ours != others


def test_everything_that_follows_from_a_secret_stays_the_same_and_apart() -> None:
    one, again = notice_links.derive_link_credentials(SECRET), notice_links.derive_link_credentials(SECRET)
    other = notice_links.derive_link_credentials(SECRET[::-1])

    assert (one.link_id, one.digest_key, one.key.raw) == (again.link_id, again.digest_key, again.key.raw)
    assert one.link_id.version == 4
    assert not {one.digest_key, one.key.raw} & {other.digest_key, other.key.raw, SECRET}


def test_answer_digests_differ_by_kind_decision_numbers_text_and_link() -> None:
    one, other = notice_links.derive_link_credentials(SECRET), notice_links.derive_link_credentials(SECRET[::-1])
    digests = {
        notice_links.answer_digest(credentials, RecipientAnswer(kind, text, decision, numbers))
        for credentials in (one, other)
        for numbers in ((), (1,), (1, 2))
        for decision in (NOTHING_DECIDED, RecipientDecision(RecipientAction.REMOVED))
        for kind, text in [(AnswerKind.REMOVED, ""), (AnswerKind.REMOVED, "x"), (AnswerKind.NOT_OURS, "x")]
    }

    assert len(digests) == 36


def test_answers_are_sealed_under_the_class_of_their_keys() -> None:
    assert KeyClass.WORDS.value == notice_links.CLASS


def test_credentials_are_not_printed() -> None:
    assert "digest_key" not in repr(notice_links.derive_link_credentials(SECRET))
