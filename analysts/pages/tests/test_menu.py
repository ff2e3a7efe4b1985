"""The menu of staff pages: entries and their order for each role, and that their links work."""

import pytest

from analysts.codes import Role
from analysts.models import User
from analysts.pages.menu import menu_for
from countries.models import Portal
from tests.rig.fixtures import client_of, create_person

OWN_ACCOUNT = ["My settings", "Second factor", "Password"]
WITH_EXPORTS = ["My settings", "Exports", "Second factor", "Password"]
CASEWORK = [
    *("Dashboard", "Queue", "All incidents", "To do", "Systemic cases"),
    *("Notices", "Isolated workstation", "URL list", "Recipients"),
    *("Code lists", "Routing rules", "Notice texts"),
]
SENIORS_CASEWORK = [*CASEWORK[:9], "Inboxes of recipients", "Partners’ systems", *CASEWORK[9:]]
SEEN = {
    Role.ANALYST: [*CASEWORK, "What became of my cases", *WITH_EXPORTS],
    Role.SENIOR: [
        *SENIORS_CASEWORK,
        "Inter-rater agreement",
        "History of a former system",
        "Figures",
        "Provider sheets",
        "Keys and erasure",
        "Masked words",
        "What became of my cases",
        *WITH_EXPORTS,
    ],
    Role.OPERATOR: [
        *("Dashboard", "3 approval requests", "URL list", "Recipients", "Partners’ systems"),
        *("Code lists", "Routing rules", "Notice texts", "Legal texts", "Senders"),
        *("Portals", "Help services", "Languages", "Interface texts"),
        *("Provider sheets", "Statement of independence", "Targets"),
        *OWN_ACCOUNT,
    ],
    Role.PARTNER: ["Dashboard", "Portals", "Figures", *OWN_ACCOUNT],
    Role.AUDITOR: [
        "Dashboard",
        "3 approval requests",
        "Code lists",
        "Routing rules",
        "Inter-rater agreement",
        "Provider sheets",
        "Audit log",
        *WITH_EXPORTS,
    ],
    Role.RECIPIENT: ["Inbox", *WITH_EXPORTS],
    Role.WELFARE: ["Dashboard", "Welfare", "Masked words", *OWN_ACCOUNT],
    Role.TRANSLATOR: ["Dashboard", "Interface texts", *OWN_ACCOUNT],
    Role.ADMINISTRATOR: [
        *(
            "Dashboard",
            "3 approval requests",
            "Inboxes of recipients",
            "Statement of independence",
            "Staff",
            "Portal groups",
            "Workstations",
            "Modes",
            "Operations",
            "Keys and erasure",
        ),
        *OWN_ACCOUNT,
    ],
}
LIBRARY = {"Second factor", "Password"}


@pytest.mark.parametrize("role", Role)
def test_menu_shows_a_role_its_pages_in_order_and_leads_there(role: Role, belize: Portal) -> None:
    user = User.objects.get(pk=create_person("one", role, belize).pk)
    entries = [entry for group in menu_for(user, {"approvals_waiting": lambda: 3}) for entry in group.entries]

    assert [entry.label for entry in entries] == SEEN[role]
    assert [entry.label for entry in entries if entry.shortcut] == [label for label in SEEN[role] if label == "To do"]
    client = client_of(user)
    statuses = {
        entry.label: client.get(entry.url, follow=True).status_code for entry in entries if entry.label not in LIBRARY
    }
    assert set(statuses.values()) == {200}, statuses


def test_menu_marks_the_page_that_is_shown(belize: Portal, ana: User) -> None:
    def current(path: str) -> list[str]:
        groups = menu_for(User.objects.get(pk=ana.pk), {}, path)
        return [entry.label for group in groups for entry in group.entries if entry.is_current]

    assert current("/admin/") == ["Dashboard"]
    assert current("/admin/incidents/00000000-0000-0000-0000-000000000000/") == ["All incidents"]
    assert current("/admin/my-settings/") == ["My settings"]
    assert current("/admin/pause/") == []
    page = client_of(ana).get("/admin/queue/").content.decode()
    assert page.count('aria-current="page"') == 3  # beside the menu, in it, and the trail
