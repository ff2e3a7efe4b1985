"""Old and new values of portals and help services, as audit events record them."""

import copy
import json
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from audit.detail_labels import DETAILS
from countries.staff.contacts.service_approvals import FIELDS
from countries.staff.document.portal_document import (
    LISTS,
    NAME_FIELDS,
    NAME_MODELS,
    PICTURE_FIELDS,
    PICTURES,
    Document,
)
from countries.staff.document.portal_fields import PORTAL_FIELD_NAMES, SECRETS
from countries.staff.document.recorded_changes import CHANGED, LISTED_TEXTS, describe_portal_changes

PHRASE = "a phrase that no event may hold"


def picture(content: bytes) -> Document:
    return {"content": b64encode(content).decode(), "media_type": "image/webp", "width": 8, "height": 9}


def value_of(field: str, mark: str) -> object:
    if field in SECRETS:
        return f"{PHRASE} {mark}"
    return picture(mark.encode()) if field in PICTURES else f"{mark} {field}"


def row_of(fields: tuple[str, ...], mark: str) -> Document:
    return {field: value_of(field, mark) for field in fields}


def whole_document() -> Document:
    """A portal with a row in each list, each with its names in one language, and no empty field."""
    document = row_of(PORTAL_FIELD_NAMES, "old")
    for part, (_model, fields, _key) in LISTS.items():
        document[part] = [row_of(fields, "old")]
        if part in NAME_MODELS:
            document[part][0]["texts"] = [row_of(NAME_FIELDS, "old")]
    return document


def places_of(document: Document) -> Iterator[tuple[list[str | int], list[str]]]:
    """Where each field is in the document, and where in the changes; the keys of rows are left out."""
    for field in PORTAL_FIELD_NAMES:
        yield [field], [field]
    for part, (_model, fields, key) in LISTS.items():
        row = ", ".join(document[part][0][name] for name in key)
        for field in set(fields) - set(key):
            yield [part, 0, field], [part, row, field]
        if part in NAME_MODELS:
            language = document[part][0]["texts"][0]["language"]
            for field in set(NAME_FIELDS) - {"language"}:
                yield [part, 0, "texts", 0, field], [part, row, LISTED_TEXTS, language, field]


def test_each_field_has_its_old_and_new_value_and_no_other_is_mentioned() -> None:
    before, seen = whole_document(), 0
    for place, recorded in places_of(before):
        after = copy.deepcopy(before)
        row: Any = after
        for step in place[:-1]:
            row = row[step]
        field = str(place[-1])
        row[field] = value_of(field, "new")
        expected: object = CHANGED
        if field in PICTURES:
            rest = {name: value for name, value in picture(b"").items() if name != "content"}
            pair = [{**rest, "digest": sha256(mark).hexdigest()} for mark in (b"old", b"new")]
            expected = dict(zip(("before", "after"), pair, strict=True))
        elif field not in SECRETS:
            expected = {"before": f"old {field}", "after": f"new {field}"}
        for name in reversed(recorded):
            expected = {name: expected}
        assert describe_portal_changes(before, after) == expected
        seen += 1
    assert seen > 35


def test_nothing_that_differs_is_nothing_to_record() -> None:
    assert describe_portal_changes(whole_document(), whole_document()) == {}


@pytest.mark.parametrize("part", LISTS)
def test_added_and_removed_rows_are_recorded_with_their_values(part: str) -> None:
    """Without empty fields, position and digest, which say nothing beside the others."""
    _model, fields, key = LISTS[part]
    without, with_row = whole_document(), whole_document()
    row = {**row_of(fields, "new"), "position": 7, "website": "", "confirmed": False}
    with_row[part].append({**row, "texts": [row_of(NAME_FIELDS, "new")]} if part in NAME_MODELS else row)
    name = ", ".join(str(row[each]) for each in key)

    for before, after, side, other in ((without, with_row, "after", "before"), (with_row, without, "before", "after")):
        found: Any = describe_portal_changes(before, after)
        changes = found[part][name]
        texts = changes.pop(LISTED_TEXTS, {})
        assert set(changes) == set(fields) - {"position", "website", "confirmed", "verified_digest"}
        assert all(pair[other] is None and pair[side] for pair in changes.values())
        assert len(texts) == (part in NAME_MODELS)


def test_new_portal_is_recorded_with_its_values_and_without_its_phrase() -> None:
    changes = describe_portal_changes({}, whole_document())
    assert set(changes) == {*PORTAL_FIELD_NAMES, *LISTS}
    assert changes["access_phrase"] == CHANGED
    assert PHRASE not in json.dumps(changes)


def test_long_text_is_given_by_its_beginning_and_a_digest_of_all_of_it() -> None:
    before, after = whole_document(), whole_document()
    before["texts"][0]["about"] = "word " * 200
    after["texts"][0]["about"] = "word " * 199 + "other"
    found: Any = describe_portal_changes(before, after)
    pair = found["texts"]["old language"]["about"]
    assert [(side["start"], side["characters"]) for side in pair.values()] == [("word " * 20, 1000)] * 2
    assert pair["before"]["digest"] != pair["after"]["digest"]


def test_each_name_has_a_label_in_the_audit_log() -> None:
    names = {*PORTAL_FIELD_NAMES, *FIELDS, *LISTS, *NAME_FIELDS, *PICTURE_FIELDS, "digest", "start", "characters"}
    names |= {field for _model, fields, _key in LISTS.values() for field in fields} - {"content"}
    assert names - {"content"} - DETAILS.keys() == set()
