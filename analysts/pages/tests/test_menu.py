"""The menu of staff pages: entries and their order for each role, and that their links work."""

import pytest

from analysts.codes import Role
from analysts.models import User
from analysts.pages.menu import menu_for
from countries.models import Portal
from tests.rig.fixtures import client_of, create_person

OWN_ACCOUNT = ["Second factor", "Password"]
CASEWORK = ["Dashboard", "Queue", "To do", "Notices", "Isolated workstation", "Recipients", "My settings", *OWN_ACCOUNT]
SEEN = {
    Role.ANALYST: CASEWORK,
    Role.SENIOR: [*CASEWORK[:5], "Figures", *CASEWORK[5:]],
    Role.OPERATOR: [
        "Dashboard",
        "Portals",
        "Targets",
        "Help services",
        "Recipients",
        "Languages",
        "Interface texts",
        "3 approval requests",
        *OWN_ACCOUNT,
    ],
    Role.PARTNER: ["Dashboard", "Portals", *OWN_ACCOUNT],
    Role.AUDITOR: ["Dashboard", "Audit log", *OWN_ACCOUNT],
    Role.WELFARE: ["Dashboard", "Welfare", *OWN_ACCOUNT],
    Role.TRANSLATOR: ["Dashboard", "Interface texts", *OWN_ACCOUNT],
    Role.ADMINISTRATOR: ["Dashboard", "3 approval requests", "Portal groups", "Workstations", "Modes", *OWN_ACCOUNT],
}


@pytest.mark.parametrize("role", Role)
def test_menu_shows_a_role_its_pages_in_order_and_leads_there(role: Role, belize: Portal) -> None:
    user = User.objects.get(pk=create_person("one", role, belize).pk)
    entries = menu_for(user, {"approvals_waiting": lambda: 3})

    assert [entry.label for entry in entries] == SEEN[role]
    assert [entry.label for entry in entries if entry.shortcut] == [label for label in SEEN[role] if label == "To do"]
    client = client_of(user)
    statuses = {entry.label: client.get(entry.url).status_code for entry in entries if entry.label not in OWN_ACCOUNT}
    assert set(statuses.values()) == {200}, statuses
