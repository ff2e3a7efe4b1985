"""Contents that do not open: what callers get instead, where the value is damaged and where its key is missing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from analysts.incidents.contents import opening
from analysts.models import Draft, Incident, Note, NoticeItem, Sighting, WordsRelease
from analysts.tests.march import MARCH, key_of, open_keys
from reports import keys
from reports.models import KeyClass

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


@pytest.mark.parametrize("has_key", [False, True])
@pytest.mark.parametrize("unseal", ANSWERS)
def test_value_that_does_not_open_is_no_error(unseal: Callable[[Any], object], has_key: bool, open_keys: Path) -> None:
    build, answer = ANSWERS[unseal]
    row = build()
    key = key_of(3, KeyClass.ADDRESSES)
    row.key_id = key.pk if has_key else "addresses-2020-01-none"
    assert keys.has_private_half(row.key_id) is has_key
    assert unseal(row) == answer


@pytest.mark.parametrize("has_key", [False, True])
def test_mask_that_does_not_open_is_sealed_again_later(has_key: bool, open_keys: Path) -> None:
    key, to = key_of(3, KeyClass.ADDRESSES), keys.public_key(MARCH, KeyClass.ADDRESSES)
    assert opening.reseal_mask(b"damaged", key.pk if has_key else "addresses-2020-01-none", to=to, info=b"") == b""
