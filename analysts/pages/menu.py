"""The menu in the header of staff pages: groups of entries, in display order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.urls import get_script_prefix, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from analysts.accounts.permissions import check_is_administrator
from analysts.assessment.permissions import check_can_see_agreement, check_can_see_codes
from analysts.exports.permissions import check_can_see_exports
from analysts.figures.permissions import (
    check_can_see_figures,
    check_can_see_portal_figures,
    check_can_see_sheets,
    check_can_set_independence,
    check_can_set_targets,
)
from analysts.incidents.permissions import check_can_see_queue
from analysts.models import User
from analysts.pages.approvals import check_sees_approvals
from analysts.takedown.inbox.permissions import check_has_inbox, check_may_suspend
from analysts.takedown.notices.permissions import check_can_read_texts
from analysts.takedown.recipients.permissions import check_can_see
from analysts.takedown.url_list.permissions import check_can_see_list
from analysts.welfare.permissions import check_can_see_welfare
from audit.permissions import check_can_read_events, is_allowed
from countries.staff.translation.language_reviews import check_can_see_languages
from countries.staff.translation.permissions import check_can_see_words


def has_permission(permission: str) -> Callable[[User], bool]:
    """Build a predicate that is true for users whose role has a permission on ordinary admin pages."""
    return lambda user: user.has_perm(permission)


def build_predicate(check: Callable[[User], None]) -> Callable[[User], bool]:
    """Build a predicate that is true for users whom `check` does not refuse."""
    return lambda user: is_allowed(check, user)


can_view_portals = has_permission("countries.view_portal")
sees_queue = build_predicate(check_can_see_queue)
is_administrator = build_predicate(check_is_administrator)
has_inbox = build_predicate(check_has_inbox)


@dataclass(frozen=True, slots=True)
class MenuRow:
    """A menu entry and who sees it; `is_shown_to` None: every user."""

    label: str | Promise
    url_name: str
    is_shown_to: Callable[[User], bool] | None = None
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
            MenuRow(_("Dashboard"), "admin:index", lambda user: not has_inbox(user), is_main=True),
            MenuRow(_("Inbox"), "admin:inbox", has_inbox, is_main=True),
            MenuRow(_("Queue"), "admin:queue", sees_queue, is_main=True),
            MenuRow(_("All incidents"), "admin:incident_list", sees_queue, is_main=True),
            MenuRow(_("To do"), "admin:to_do", sees_queue, shortcut="x", is_main=True),
            MenuRow(
                ngettext_lazy("%(number)s approval request", "%(number)s approval requests", "number"),
                "admin:approvals",
                build_predicate(check_sees_approvals),
                number="approvals_waiting",
                is_main=True,
            ),
        ),
    ),
    (
        _("Takedown"),
        (
            MenuRow(_("Notices"), "admin:notices", sees_queue),
            MenuRow(_("Isolated workstation"), "admin:batches", sees_queue),
            MenuRow(_("URL list"), "admin:url_list", build_predicate(check_can_see_list)),
            MenuRow(_("Recipients"), "admin:recipients", build_predicate(check_can_see)),
            MenuRow(_("Inboxes of recipients"), "admin:recipient_accounts", build_predicate(check_may_suspend)),
        ),
    ),
    (
        _("Rules and codes"),
        (
            MenuRow(_("Code lists"), "admin:codes", build_predicate(check_can_see_codes)),
            MenuRow(
                _("Routing rules"),
                "admin:analysts_routerule_changelist",
                has_permission("analysts.view_routerule"),
            ),
            MenuRow(_("Notice texts"), "admin:notice_texts", build_predicate(check_can_read_texts)),
            MenuRow(_("Legal texts"), "admin:analysts_legaltext_changelist", has_permission("analysts.view_legaltext")),
            MenuRow(
                _("Senders"),
                "admin:analysts_senderidentity_changelist",
                has_permission("analysts.view_senderidentity"),
            ),
            MenuRow(_("Inter-rater agreement"), "admin:agreement", build_predicate(check_can_see_agreement)),
        ),
    ),
    (
        _("Portals and texts"),
        (
            MenuRow(_("Portals"), "admin:countries_portal_changelist", can_view_portals, is_main=True),
            MenuRow(
                _("Help services"),
                "admin:countries_helpservice_changelist",
                has_permission("countries.view_helpservice"),
            ),
            MenuRow(_("Languages"), "admin:languages", build_predicate(check_can_see_languages)),
            MenuRow(_("Interface texts"), "admin:words", build_predicate(check_can_see_words), is_main=True),
        ),
    ),
    (
        _("Organisation"),
        (
            MenuRow(_("Figures"), "admin:figures", build_predicate(check_can_see_figures), is_main=True),
            MenuRow(
                _("Figures"), "admin:own_portal_figures", build_predicate(check_can_see_portal_figures), is_main=True
            ),
            MenuRow(_("Provider sheets"), "admin:provider_sheets", build_predicate(check_can_see_sheets)),
            MenuRow(
                _("Statement of independence"),
                "admin:figure_independence",
                build_predicate(check_can_set_independence),
            ),
            MenuRow(_("Targets"), "admin:figure_targets", build_predicate(check_can_set_targets)),
            MenuRow(
                _("Audit log"),
                "admin:audit_auditevent_changelist",
                build_predicate(check_can_read_events),
                is_main=True,
            ),
            MenuRow(_("Staff"), "admin:analysts_user_changelist", has_permission("analysts.view_user"), is_main=True),
            MenuRow(_("Portal groups"), "admin:portal_groups", is_administrator),
            MenuRow(_("Workstations"), "admin:workstations", is_administrator),
            MenuRow(_("Modes"), "admin:modes", is_administrator),
            MenuRow(_("Operations"), "admin:operations", is_administrator, is_main=True),
            MenuRow(_("Welfare"), "admin:welfare", build_predicate(check_can_see_welfare), is_main=True),
            MenuRow(
                _("Masked words"),
                "admin:analysts_maskedterm_changelist",
                has_permission("analysts.view_maskedterm"),
            ),
        ),
    ),
    (
        _("My account"),
        (
            MenuRow(_("My settings"), "admin:my_settings"),
            MenuRow(_("Exports"), "admin:exports", build_predicate(check_can_see_exports)),
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
    groups = [
        (label, [row for row in rows if row.is_shown_to is None or row.is_shown_to(user)]) for label, rows in MENU
    ]
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
