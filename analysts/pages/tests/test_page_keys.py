"""The keys of the incident's page: one meaning each in every state, for analyst and senior, and all of them listed."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from analysts.assessment import actions
from analysts.codes import ReviewStage
from analysts.codes.appeals import Appellant
from analysts.models import AlertReason, Incident, RecipientKind, User
from analysts.states import State
from analysts.takedown.alerts.actions import tell_police_now
from analysts.takedown.appeals.actions import file_appeal
from analysts.takedown.routing.actions import refer
from analysts.tests.factories import assessed_illegal, assessed_not_found, claimed, incident_of
from analysts.tests.sections import ALL_OPEN
from countries.models import ContactKind, Portal
from countries.tests.factories import ContactFactory
from tests.rig.fixtures import client_of
from tests.rig.page_keys import LETTERS_OF_OPTIONS, keys_of_page

DANGER = {"facts": ["child_in_danger"]}


def url(incident: Incident, act: str = "") -> str:
    return f"/admin/incidents/{incident.pk}/" + (f"{act}/" if act else "")


def claim(build: Callable[[], Incident], by: User) -> Callable[[], Incident]:
    return lambda: claimed(build(), by)


@pytest.fixture
def states(belize: Portal, ana: User, ben: User, sena: User, settings: Any) -> list[tuple[str, Callable[[], Incident]]]:
    """The states of the page, each with the steps to an incident in it."""
    ben.portals.add(belize)
    number = iter(range(100))

    def waiting() -> Incident:
        return incident_of(belize, f"https://site{next(number)}.example.org/gallery", details=DANGER)

    def alerted() -> Incident:
        incident = waiting()
        police = ContactFactory.create(portal=belize, kind=ContactKind.POLICE, phone="911")
        tell_police_now(by=ana, incident=incident, to=police, not_the_danger=True, reason=AlertReason.NOW)
        return incident

    def illegal() -> Incident:
        incident = waiting()
        assessed_illegal(incident, ana)
        return incident

    def acting() -> Incident:
        incident = illegal()
        refer(by=sena, incident=incident, kind=RecipientKind.HOST, name="Example Hosting", reason="r")
        return incident

    def closed() -> Incident:
        incident = waiting()
        assessed_not_found(incident, ana)
        return incident

    def reopened() -> Incident:
        incident = acting()
        actions.reopen(by=sena, incident=incident)
        return incident

    def reviewed() -> Incident:
        settings.SECOND_REVIEW_PERCENT = 100
        incident = illegal()
        settings.SECOND_REVIEW_PERCENT = 0
        return incident

    def disputed() -> Incident:
        incident = reviewed()
        assessed_not_found(incident, ben)
        return incident

    def appealed() -> Incident:
        incident = illegal()
        file_appeal(by=ana, incident=incident, appellant=Appellant.OWNER, note="placeholder")
        return incident

    return [
        ("waiting", waiting),
        ("claimed by the analyst", claim(waiting, ana)),
        ("claimed by the senior", claim(waiting, sena)),
        ("alerted and claimed", claim(alerted, ana)),
        ("decided", illegal),
        ("appealed", appealed),
        ("takedown", acting),
        ("closed", closed),
        ("reopened", reopened),
        ("reopened and claimed", claim(reopened, ana)),
        ("second review", reviewed),
        ("second review and claimed", claim(reviewed, sena)),
        ("disagreement", disputed),
        ("disagreement and claimed", claim(disputed, sena)),
    ]


def test_each_key_has_one_meaning_in_every_state_of_the_page(
    states: list[tuple[str, Callable[[], Incident]]], ana: User, sena: User
) -> None:
    wrong, visited, letters = [], set[tuple[str, str]](), set[str]()
    for name, build in states:
        incident = build()
        incident.refresh_from_db()
        visited.add((incident.state, incident.stage))
        for user in (ana, sena):
            client = client_of(user)
            for mask in ("masked", "revealed"):
                if mask == "revealed":
                    client.post(url(incident, "reveal"), {"reason": "advice"})
                page = client.get(url(incident), ALL_OPEN).content.decode()
                keys = keys_of_page(page)
                letters |= set(keys)
                listed = {*re.findall(r"<kbd>(\S+)</kbd>", page), *LETTERS_OF_OPTIONS}
                where = f"{name}, {user}, {mask}"
                wrong += [f"{where}: {key} {sorted(words)}" for key, words in keys.items() if len(words) > 1]
                wrong += [f"{where}: {key} is not listed" for key in keys if key not in listed]
    assert wrong == []
    assert {state for state, _stage in visited} == {*State}
    assert {stage for _state, stage in visited} == {*ReviewStage}
    # The table is tried on pages that have the keys of the form, of its surroundings and of the takedown.
    assert set("qBlwiomptCWNMsyDTHzofaetlgn") <= letters


@pytest.mark.parametrize("path", ["/admin/queue/", "/admin/to-do/", "/admin/incidents/"])
def test_each_key_of_a_list_has_one_meaning(path: str, belize: Portal, ana: User) -> None:
    assessed_illegal(incident_of(belize), ana)
    incident_of(belize, "https://other.example.org/")
    page = client_of(ana).get(path).content.decode()
    keys = keys_of_page(page)
    assert {key: words for key, words in keys.items() if len(words) > 1} == {}
    assert set(keys) - set(re.findall(r"<kbd>(\S+)</kbd>", page)) == set()
