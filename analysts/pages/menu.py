"""The menu in the header of staff pages: groups of entries, in display order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.urls import get_script_prefix, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from analysts.accounts.access import STAFF
from analysts.accounts.permissions import ADMINISTRATORS, AUDITORS, OPERATORS, PORTAL_READERS, WORDS_READERS
from analysts.assessment.permissions import AGREEMENT_READERS, CODE_READERS
from analysts.codes import Role
from analysts.exports.permissions import EXPORTERS
from analysts.figures.permissions import (
    FIGURE_READERS,
    INDEPENDENCE_WRITERS,
    PORTAL_FIGURE_READERS,
    SHEET_READERS,
    TARGET_SETTERS,
)
from analysts.imports.permissions import IMPORTERS
from analysts.incidents.permissions import ANALYSTS
from analysts.models import User
from analysts.pages.approvals import APPROVERS
from analysts.retention.permissions import KEY_READERS
from analysts.sources.permissions import SOURCE_READERS
from analysts.takedown.inbox.permissions import ACCESS_SUSPENDERS, INBOX_READERS
from analysts.takedown.legal.permissions import LAW_WRITERS
from analysts.takedown.notices.permissions import TEXT_READERS
from analysts.takedown.recipients.permissions import RECIPIENT_READERS
from analysts.takedown.routing.permissions import RULE_KEEPERS, RULE_READERS
from analysts.takedown.url_list.permissions import LIST_READERS
from analysts.welfare.permissions import TERM_KEEPERS, WELFARE_LEADS


@dataclass(frozen=True, slots=True)
class MenuRow:
    """A menu entry and the roles that see it: those that the access table lets open its page."""

    label: str | Promise
    url_name: str
    roles: frozenset[Role] = STAFF.roles
    # The name of a number (see `menu_for`) that the label contains.
    number: str = ""
    # Its keyboard shortcut (`static/staff/keys.js`).
    shortcut: str = ""
    # A wide window shows it beside the menu as well.
    is_main: bool = False


MENU: tuple[tuple[str | Promise, Sequence[MenuRow]], ...] = (
    (
        _("Work"),
        (
            MenuRow(_("Dashboard"), "admin:index", STAFF.roles - INBOX_READERS.roles, is_main=True),
            MenuRow(_("Inbox"), "admin:inbox", INBOX_READERS.roles, is_main=True),
            MenuRow(_("Queue"), "admin:queue", ANALYSTS.roles, is_main=True),
            MenuRow(_("All incidents"), "admin:incident_list", ANALYSTS.roles, is_main=True),
            MenuRow(_("To do"), "admin:to_do", ANALYSTS.roles, shortcut="x", is_main=True),
            MenuRow(_("Systemic cases"), "admin:systemic_cases", ANALYSTS.roles),
            MenuRow(
                ngettext_lazy("%(number)s approval request", "%(number)s approval requests", "number"),
                "admin:approvals",
                APPROVERS.roles,
                number="approvals_waiting",
                is_main=True,
            ),
        ),
    ),
    (
        _("Takedown"),
        (
            MenuRow(_("Notices"), "admin:notices", ANALYSTS.roles),
            MenuRow(_("Isolated workstation"), "admin:batches", ANALYSTS.roles),
            MenuRow(_("URL list"), "admin:url_list", LIST_READERS.roles),
            MenuRow(_("Recipients"), "admin:recipients", RECIPIENT_READERS.roles),
            MenuRow(_("Inboxes of recipients"), "admin:recipient_accounts", ACCESS_SUSPENDERS.roles),
            MenuRow(_("Partners’ systems"), "admin:sources", SOURCE_READERS.roles),
        ),
    ),
    (
        _("Rules and codes"),
        (
            MenuRow(_("Code lists"), "admin:codes", CODE_READERS.roles),
            MenuRow(_("Routing rules"), "admin:analysts_routerule_changelist", RULE_READERS.roles | RULE_KEEPERS.roles),
            MenuRow(_("Notice texts"), "admin:notice_texts", TEXT_READERS.roles),
            MenuRow(_("Legal texts"), "admin:analysts_legaltext_changelist", LAW_WRITERS.roles),
            MenuRow(_("Senders"), "admin:analysts_senderidentity_changelist", LAW_WRITERS.roles),
            MenuRow(_("Inter-rater agreement"), "admin:agreement", AGREEMENT_READERS.roles),
            MenuRow(_("History of a former system"), "admin:history_imports", IMPORTERS.roles),
        ),
    ),
    (
        _("Portals and texts"),
        (
            MenuRow(_("Portals"), "admin:countries_portal_changelist", PORTAL_READERS.roles, is_main=True),
            MenuRow(_("Help services"), "admin:countries_helpservice_changelist", OPERATORS.roles),
            MenuRow(_("Languages"), "admin:languages", OPERATORS.roles),
            MenuRow(_("Interface texts"), "admin:words", WORDS_READERS.roles, is_main=True),
        ),
    ),
    (
        _("Organisation"),
        (
            MenuRow(_("Figures"), "admin:figures", FIGURE_READERS.roles, is_main=True),
            MenuRow(_("Figures"), "admin:own_portal_figures", PORTAL_FIGURE_READERS.roles, is_main=True),
            MenuRow(_("Provider sheets"), "admin:provider_sheets", SHEET_READERS.roles),
            MenuRow(_("Statement of independence"), "admin:figure_independence", INDEPENDENCE_WRITERS.roles),
            MenuRow(_("Targets"), "admin:figure_targets", TARGET_SETTERS.roles),
            MenuRow(_("Audit log"), "admin:audit_auditevent_changelist", AUDITORS.roles, is_main=True),
            MenuRow(_("Staff"), "admin:analysts_user_changelist", ADMINISTRATORS.roles, is_main=True),
            MenuRow(_("Portal groups"), "admin:portal_groups", ADMINISTRATORS.roles),
            MenuRow(_("Workstations"), "admin:workstations", ADMINISTRATORS.roles),
            MenuRow(_("Modes"), "admin:modes", ADMINISTRATORS.roles),
            MenuRow(_("Operations"), "admin:operations", ADMINISTRATORS.roles, is_main=True),
            MenuRow(_("Keys and erasure"), "admin:keys", KEY_READERS.roles),
            MenuRow(_("Welfare"), "admin:welfare", WELFARE_LEADS.roles, is_main=True),
            MenuRow(_("Masked words"), "admin:analysts_maskedterm_changelist", TERM_KEEPERS.roles),
        ),
    ),
    (
        _("My account"),
        (
            MenuRow(_("What became of my cases"), "admin:my_cases", ANALYSTS.roles),
            MenuRow(_("My settings"), "admin:my_settings"),
            MenuRow(_("Exports"), "admin:exports", EXPORTERS.roles),
            MenuRow(_("Second factor"), "mfa_index"),
            MenuRow(_("Password"), "account_change_password"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A menu entry for the template. `is_current`: it leads to the page that is shown, or to one above it."""

    label: str
    url: str
    shortcut: str
    is_main: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """Entries under a heading, with at least one entry."""

    label: str
    entries: tuple[MenuEntry, ...]


@lru_cache(maxsize=100)
def _page_url(name: str, script_prefix: str) -> str:
    return reverse(name)


def menu_for(user: User, numbers: Mapping[str, Callable[[], int | None]], path: str = "") -> list[MenuGroup]:
    """The entries that `user` sees, in groups. `numbers`: callables by name, called only for entries that are shown.

    `path`: of the page; its entry is the one with the longest address above it, apart from the dashboard's.
    """
    groups = [(label, [row for row in rows if user.role in row.roles]) for label, rows in MENU]
    home, urls = (
        _page_url("admin:index", get_script_prefix()),
        [_page_url(row.url_name, get_script_prefix()) for _label, rows in groups for row in rows],
    )
    above = [url for url in urls if path == url or (url != home and path.startswith(url))]
    current = max(above, key=len, default="")
    return [
        MenuGroup(str(label), tuple(_make_entry(row, numbers, current) for row in rows))
        for label, rows in groups
        if rows
    ]


def _make_entry(row: MenuRow, numbers: Mapping[str, Callable[[], int | None]], current: str) -> MenuEntry:
    url = _page_url(row.url_name, get_script_prefix())
    return MenuEntry(
        label=str(row.label % {"number": numbers[row.number]()} if row.number else row.label),
        url=url,
        shortcut=row.shortcut,
        is_main=row.is_main,
        is_current=url == current,
    )
