"""A mark that most rows of a list would have is said once above it, and marks the others apart."""

import pytest

from analysts.incidents.priority import PriorityReason
from analysts.incidents.table import LEAST_COMPARED, find_common_reasons
from analysts.models import Incident, User
from analysts.tests.factories import incident_of
from countries.models import Portal
from tests.rig.fixtures import client_of

WEB, KNOWN, DANGER = PriorityReason.OPEN_WEB, PriorityReason.KNOWN_SITE, PriorityReason.CHILD_IN_DANGER


def listed(number: int, *reasons: PriorityReason, of: int) -> list[Incident]:
    """A list of `of` rows, `number` of which have the reasons."""
    return [Incident(priority_reasons=list(reasons) if place < number else []) for place in range(of)]


@pytest.mark.parametrize("reason", PriorityReason)
@pytest.mark.parametrize(("number", "of"), [(3, 5), (5, 5), (16, 30), (30, 30)])
def test_reason_of_more_than_half_the_rows_is_common(reason: PriorityReason, number: int, of: int) -> None:
    assert find_common_reasons(listed(number, reason, of=of)) == (() if reason == DANGER else (reason,))


@pytest.mark.parametrize(("number", "of"), [(2, 4), (4, 4), (0, 5), (5, 10), (15, 30), (0, 0)])
def test_reason_of_half_the_rows_or_of_a_short_list_is_not(number: int, of: int) -> None:
    assert find_common_reasons(listed(number, WEB, KNOWN, of=of)) == ()


@pytest.mark.parametrize("path", ["/admin/queue/", "/admin/incidents/"])
@pytest.mark.parametrize("number", [LEAST_COMPARED - 1, LEAST_COMPARED])
def test_lists_say_once_what_most_rows_have(path: str, number: int, belize: Portal, ana: User) -> None:
    for place in range(number - 1):
        incident_of(belize, f"https://site{place}.example/gallery")
    incident_of(belize, "https://live.example/1", details={"facts": ["live_stream"]})
    page = client_of(ana).get(path).content.decode()
    table = page[page.index('<table class="incidents') :]
    is_common = number >= LEAST_COMPARED
    assert table.count(f">{WEB.label}<") == (0 if is_common else number)
    assert table.count(f">{PriorityReason.LIVE_STREAM.label}<") == 1
    assert ("Most of these, unmarked:" in page) is is_common


@pytest.mark.parametrize("path", ["/admin/queue/", "/admin/incidents/"])
@pytest.mark.parametrize(
    ("number", "differs", "is_shared"),
    [(LEAST_COMPARED, False, True), (LEAST_COMPARED, True, False), (LEAST_COMPARED - 1, False, False)],
)
def test_lists_say_once_the_portal_and_language_of_all_rows(
    path: str, number: int, differs: bool, is_shared: bool, belize: Portal, zambia: Portal, sena: User
) -> None:
    for place in range(number):
        incident_of(belize, f"https://site{place}.example/gallery")
    if differs:
        incident_of(zambia, "https://other.example/1")
    page = client_of(sena).get(path).content.decode()
    table = page[page.index('<table class="incidents') : page.index("</table>")]
    assert (table.count("Belize"), table.count("Portals</th>")) == ((0, 0) if is_shared else (number, 1))
    assert (">English</bdi>" in table) is not is_shared
    assert ("All of these:" in page) is is_shared
