"""Tests of the search that the proof of destroyed keys uses."""

from analysts.retention.sealed import SEALED
from tests.proofs.sealed import PLACES, Value, in_log


def test_proof_looks_at_everything_that_lies_sealed_under_a_key_of_a_month() -> None:
    assert sorted((place.table, place.column) for place in PLACES) == sorted(
        (kind.model._meta.db_table, field) for kind in SEALED for field in kind.resealed
    )


def test_value_is_found_without_the_bytes_that_it_shares_with_the_one_before() -> None:
    whole = Value("key", b"info", bytes(range(1, 100)))
    gone = Value("key", b"info", bytes(range(100, 200)))

    for record in (whole.sealed, whole.sealed[1:], whole.sealed[:-2]):
        assert in_log({whole, gone}, b"before" + record + b"after") == {whole}
    assert in_log({whole}, whole.sealed[5:]) == set()
