"""Calls within `with_room` take no memory from the system, however deep they are."""

import resource
from collections.abc import Callable

import pytest

from portal_site.call_stack import with_room

CALLS = 500


def call_deep(depth: int, call: Callable[[], int]) -> int:
    return call_deep(depth - 1, call) if depth else call()


def count_page_faults() -> int:
    """Of many calls of a function: each page of memory that the system gives is one."""

    def called(one: int, two: int, three: int) -> int:
        return one + two + three

    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for number in range(CALLS):
        called(number, number, number)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def test_calls_at_any_depth_fit_in_what_is_there() -> None:
    faults = [with_room(call_deep)(depth, count_page_faults) for depth in range(400)]
    assert [depth for depth, number in enumerate(faults) if number >= CALLS / 2] == []


def test_function_does_the_same_as_without_room() -> None:
    def divide(one: int, *, by: int) -> float:
        return one / by

    roomy = with_room(divide)
    assert roomy(3, by=2) == 1.5
    with pytest.raises(ZeroDivisionError):
        roomy(3, by=0)
