"""Coverage: who works for a portal, what happens when its last analyst is lost, and groups of two administrators."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail

from analysts.accounts.approvals import ACCOUNT_ROLE, request_role
from analysts.accounts.coverage import note_coverage, uncovered_portals
from analysts.accounts.group_approvals import GROUP_CHANGE, add_group, request_group
from analysts.accounts.tests.test_user_admin import change
from analysts.codes import Role
from analysts.models import Alarm, CoverageGap, Incident, User
from analysts.pages import tasks
from analysts.tests.factories import incident_of
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal, PortalGroup, PortalState
from countries.staff.requests.approvals import approve_request
from countries.tests.factories import open_portal
from tests.rig.fixtures import client_of, create_person


@pytest.fixture(autouse=True)
def texts_in_english(belize: Portal) -> None:
    """Its languages are tried in `analysts/pages/tests/test_coverage_doors.py`."""
    belize.texts.exclude(language="en").delete()


@pytest.fixture
def adele(db: None) -> User:
    """The second administrator."""
    return create_person("adele", Role.ADMINISTRATOR)


@pytest.fixture
def group(adam: User) -> PortalGroup:
    return add_group(by=adam, name="Central America")


def change_group(adam: User, adele: User, group: PortalGroup, members: list[User], portals: list[Portal]) -> None:
    request = request_group(by=adam, group=group, members=members, portals=portals, reason="A test.")
    approve_request(GROUP_CHANGE, by=adele, request=request)


def uncovered() -> list[str]:
    return [portal.slug for portal in uncovered_portals()]


def works_for(user: User) -> list[str]:
    """The slugs of the portals of an account; those of its session are the same."""
    client = client_of(user)
    page = client.get("/admin/")
    shown = [portal.slug for portal in page.context["portals"]]
    assert shown == [portal.slug for portal in User.objects.get(pk=user.pk).visible_portals()]
    return shown


def test_analyst_works_for_portals_directly_by_group_or_for_all(
    belize: Portal, zambia: Portal, adam: User, adele: User, group: PortalGroup
) -> None:
    incident = incident_of(belize)
    nora = create_person("nora", Role.ANALYST)
    assert (works_for(nora), uncovered()) == ([], ["bz", "zm"])
    nora.portals.add(zambia)
    assert (works_for(nora), uncovered()) == (["zm"], ["bz"])
    change_group(adam, adele, group, [nora], [belize])
    assert (works_for(nora), uncovered()) == (["bz", "zm"], [])
    assert Incident.objects.visible_to(nora).get() == incident
    change_group(adam, adele, group, [], [belize])
    nora.all_portals = True
    nora.save(update_fields=["all_portals"])
    # Also one that is created later.
    open_portal("gh", "Ghana", "en")
    assert (works_for(nora), uncovered()) == (["bz", "gh", "zm"], [])


@pytest.mark.parametrize("role", Role)
def test_only_active_analysts_cover_a_portal(belize: Portal, role: Role) -> None:
    person = create_person("person", role, belize)
    covers = role in (Role.ANALYST, Role.SENIOR)
    assert uncovered() == ([] if covers else ["bz"])
    assert set(User.objects.analysts_of([belize.pk])) == ({person} if covers else set())
    User.objects.update(is_active=False)
    assert uncovered() == ["bz"]


def test_portals_that_the_public_does_not_know_need_no_analyst_yet(belize: Portal) -> None:
    found = {}
    for state in PortalState:
        Portal.objects.update(state=state, access_phrase="phrase")
        found[state] = bool(uncovered())
    assert [state for state, needs in found.items() if not needs] == [PortalState.DRAFT, PortalState.SCHEDULED]


def switch_off(adam: User, adele: User, ana: User, group: PortalGroup) -> None:
    client = client_of(adam)
    assert change(client, ana, is_active="") == 302
    assert "No analyst sees the reports to Belize now. Assign an analyst" in client.get("/admin/").content.decode()


def take_portals(adam: User, adele: User, ana: User, group: PortalGroup) -> None:
    assert change(client_of(adam), ana, portals=[]) == 302


def change_role(adam: User, adele: User, ana: User, group: PortalGroup) -> None:
    assert change(client_of(adam), ana, role=Role.PARTNER) == 302


def give_two_person_role(adam: User, adele: User, ana: User, group: PortalGroup) -> None:
    request, _half = request_role(by=adam, user=ana, role=Role.ADMINISTRATOR)
    approve_request(ACCOUNT_ROLE, by=adele, request=request)


def empty_group(adam: User, adele: User, ana: User, group: PortalGroup) -> None:
    ana.portals.clear()
    change_group(adam, adele, group, [], list(group.portals.all()))


type Lose = Callable[[User, User, User, PortalGroup], None]


@pytest.mark.parametrize("lose", [switch_off, take_portals, change_role, give_two_person_role, empty_group])
def test_loss_of_the_last_analyst_alarms_at_once_and_is_never_refused(
    belize: Portal, ana: User, adam: User, adele: User, group: PortalGroup, lose: Lose, settings: Any
) -> None:
    settings.ALERT_EMAILS = ["duty@example.org"]
    if lose is empty_group:
        change_group(adam, adele, group, [ana], [belize])
    note_coverage()
    assert not Alarm.objects.exists()

    lose(adam, adele, ana, group)
    assert [gap.portal for gap in CoverageGap.objects.all()] == [belize]
    [event] = AuditEvent.objects.filter(action__startswith="coverage.")
    assert (event.action, event.actor, event.portal) == ("coverage.lost", "", "bz")
    tasks.send_alarms(timestamp=0)
    [message] = mail.outbox
    assert message.body == "1 portal has no analyst: its reports are not seen."
    assert "Belize" not in f"{message.subject} {message.body}"

    # Noted once; and when it has analysts again.
    tasks.watch_coverage(timestamp=0)
    assert not Alarm.objects.exists()
    create_person("nora", Role.ANALYST, belize)
    tasks.watch_coverage(timestamp=0)
    assert AuditEvent.objects.latest("number").action == "coverage.restored"
    assert not CoverageGap.objects.exists()


def test_change_made_in_another_way_is_noticed_by_the_worker(belize: Portal, ana: User, settings: Any) -> None:
    settings.ALERT_EMAILS = ["duty@example.org"]
    User.objects.update(is_active=False)
    tasks.watch_coverage(timestamp=0)
    assert Alarm.objects.get().kind == "coverage"
    # Covered again before the mail left: it is moot.
    User.objects.update(is_active=True)
    tasks.send_alarms(timestamp=0)
    assert (mail.outbox, Alarm.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("username", "shown"),
    [("olga", True), ("adam", True), ("ben", False), ("petra", False), ("axel", False), ("willa", False)],
)
def test_dashboards_of_operators_and_administrators_show_uncovered_portals(
    username: str, shown: bool, belize: Portal, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(username)
    note_coverage(now=datetime(2026, 3, 1, 12, tzinfo=UTC))
    page = client_of(user).get("/admin/").content.decode()
    assert ("Portals without analysts" in page, "without analysts since 1 Mar 2026, 12:00" in page) == (shown, shown)
    create_person("nora", Role.ANALYST, belize)
    create_person("noah", Role.ANALYST, *Portal.objects.all())
    assert "Portals without analysts" not in client_of(user).get("/admin/").content.decode()


# --- Groups -----------------------------------------------------------------------------------------------------------


def test_group_changes_only_by_two_administrators(belize: Portal, ana: User, adam: User, adele: User) -> None:
    client = client_of(adam)
    page = client.post("/admin/portal-groups/", {"name": "Caribbean"})["Location"]
    group = PortalGroup.objects.get()
    answer = client.post(page, {"members": [ana.pk], "portals": [belize.pk], "reason": "She speaks the language."})
    assert (group.members.count(), group.portals.count()) == (0, 0)
    assert client.post(f"{answer['Location']}approve/").status_code == 403
    shown = client_of(adele).get(answer["Location"]).content.decode()
    assert "Caribbean: members and portals" in shown
    assert "Belize" in shown
    assert client_of(adele).post(f"{answer['Location']}approve/").status_code == 302
    assert (list(group.members.all()), list(group.portals.all())) == ([ana], [belize])
    assert "Caribbean" in client.get(f"/admin/analysts/user/{ana.pk}/change/").content.decode()
    assert "1 portal" in client.get("/admin/portal-groups/").content.decode()


def test_group_page_keeps_what_was_typed_and_explains(
    belize: Portal, ana: User, adam: User, group: PortalGroup
) -> None:
    client, page = client_of(adam), f"/admin/portal-groups/{group.pk}/"
    answer = client.post(page, {"members": [ana.pk], "reason": ""})
    assert answer.status_code == 422
    assert f'value="{ana.pk}" id="id_members_0" checked' in answer.content.decode().replace("\n", " ")
    answer = client.post(page, {"reason": "No change."})
    assert "The group has these members and portals already." in answer.content.decode()
    assert client.post("/admin/portal-groups/", {"name": group.name}).status_code == 422


def test_group_that_changed_meanwhile_is_not_overwritten(
    belize: Portal, ana: User, adam: User, adele: User, group: PortalGroup
) -> None:
    request = request_group(by=adam, group=group, members=[ana], portals=[belize], reason="A test.")
    group.portals.add(belize)
    with pytest.raises(Denied, match="The group has changed since the request"):
        approve_request(GROUP_CHANGE, by=adele, request=request)
    with pytest.raises(Denied, match="Only administrators"):
        request_group(by=ana, group=group, members=[ana], portals=[belize], reason="A test.")
