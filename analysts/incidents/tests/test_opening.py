"""Contents that do not open: what callers get instead, where the value is damaged and where its key is missing."""

import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from analysts.incidents.contents import opening
from analysts.models import Draft, Incident, Note, NoticeItem, Sighting, WordsRelease
from analysts.tests.factories import report_of
from analysts.tests.march import MARCH, MARCH_CLOSES, key_of, open_keys
from countries.models import Portal
from reports import keys, sealing
from reports.models import KeyClass, Message, Submission

__all__ = ["open_keys"]

ID = UUID(int=1)
OF_INCIDENT = {"incident_id": ID, "sealed": b"damaged"}
# By function: a row whose content is damaged, and the answer.
ANSWERS: dict[Callable[[Any], object], tuple[Any, object]] = {
    opening.unseal_address: (lambda: Incident(pk=ID, sealed_address=b"damaged"), None),
    opening.unseal_spellings: (lambda: Sighting(pk=ID, report_id=ID, sealed_address=b"damaged"), []),
    opening.unseal_note: (lambda: Note(pk=ID, by_id=1, **OF_INCIDENT), None),
    opening.unseal_release: (lambda: WordsRelease(pk=ID, report_id=ID, **OF_INCIDENT), None),
    opening.unseal_copy: (lambda: NoticeItem(pk=ID, **OF_INCIDENT), None),
    opening.unseal_copy_with_facts: (lambda: NoticeItem(pk=ID, **OF_INCIDENT), None),
    opening.unseal_draft: (lambda: Draft(pk=ID, by_id=1, act="assess", **OF_INCIDENT), None),
}


KEYS = ["present", "missing", "none"]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("unseal", ANSWERS)
def test_value_that_does_not_open_is_no_error(unseal: Callable[[Any], object], key: str, open_keys: Path) -> None:
    build, answer = ANSWERS[unseal]
    row = build()
    key_ids = {"present": key_of(3, KeyClass.ADDRESSES).pk, "missing": "addresses-2020-01-none"}
    row.key_id = key_ids.get(key)
    assert {name for name, key_id in key_ids.items() if keys.has_private_half(key_id)} == {"present"}
    assert unseal(row) == answer


@pytest.mark.parametrize("has_key", [False, True])
def test_envelope_and_question_that_do_not_open_say_so(
    has_key: bool, belize: Portal, open_keys: Path, settings: Any, tmp_path: Path
) -> None:
    report = report_of(belize, now=MARCH)
    Message.objects.create(receipt=report.receipt, key=key_of(3), sealed_for_reporter=b"s", sealed_for_staff=b"damaged")
    Submission.objects.filter(receipt=report.receipt).update(key=key_of(4), sealed=b"damaged")
    if not has_key:
        settings.KEYRING = tmp_path
    [envelope] = opening.unseal_envelopes(report)
    [question] = opening.unseal_all_questions([report])[report.receipt_id]
    assert (envelope.payload, envelope.unreadable, question.text) == ({}, True, "")


@pytest.mark.parametrize("value", [["words", 1], ["words", ["more"]], {"a": "b"}, 1, None])
def test_value_that_no_form_seals_is_refused(value: Any) -> None:
    with pytest.raises(sealing.UnsealError):
        opening._clean_value(value)


@pytest.mark.parametrize("has_key", [False, True])
def test_mask_that_does_not_open_is_sealed_again_later(has_key: bool, open_keys: Path) -> None:
    key, to = key_of(3, KeyClass.ADDRESSES), keys.public_key(MARCH, KeyClass.ADDRESSES)
    assert opening.reseal_mask(b"damaged", key.pk if has_key else "addresses-2020-01-none", to=to, info=b"") == b""


def test_secret_of_searches_is_derived_from_the_key_of_the_month(open_keys: Path) -> None:
    for month, now in ((3, MARCH), (4, MARCH_CLOSES)):
        key_id = key_of(month, KeyClass.ADDRESSES).pk
        secret = hmac.digest(keys.private_key(key_id).raw, b"fingerprints of this month", "sha256")
        assert opening.derive_monthly_secret(now) == (key_id, secret)
