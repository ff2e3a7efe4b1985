"""The menu in the header of staff pages, in display order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.urls import get_script_prefix, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from analysts.accounts.permissions import check_is_administrator
from analysts.figures.permissions import check_can_see_figures, check_can_set_targets
from analysts.incidents.permissions import check_can_see_queue
from analysts.models import User
from analysts.pages.approvals import check_sees_approvals
from analysts.takedown.recipients.permissions import check_can_see
from analysts.welfare.permissions import check_can_see_welfare
from audit.permissions import check_can_read_events, is_allowed
from countries.staff.language_reviews import check_can_see_languages
from countries.staff.words_permissions import check_can_see_words


def can_view_portals(user: User) -> bool:
    return user.has_perm("countries.view_portal")


def can_view_services(user: User) -> bool:
    return user.has_perm("countries.view_helpservice")


def build_predicate(check: Callable[[User], None]) -> Callable[[User], bool]:
    """Build a predicate that is true for users whom `check` does not refuse."""
    return lambda user: is_allowed(check, user)


sees_queue = build_predicate(check_can_see_queue)
is_administrator = build_predicate(check_is_administrator)


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


MENU = [
    MenuRow(_("Dashboard"), "admin:index"),
    MenuRow(_("Queue"), "admin:queue", sees_queue),
    MenuRow(_("To do"), "admin:to_do", sees_queue, shortcut="x"),
    MenuRow(_("Notices"), "admin:notices", sees_queue),
    MenuRow(_("Isolated workstation"), "admin:handoff", sees_queue),
    MenuRow(_("Figures"), "admin:figures", build_predicate(check_can_see_figures)),
    MenuRow(_("Portals"), "admin:countries_portal_changelist", can_view_portals),
    MenuRow(_("Targets"), "admin:figure_targets", build_predicate(check_can_set_targets)),
    MenuRow(_("Help services"), "admin:countries_helpservice_changelist", can_view_services),
    MenuRow(_("Recipients"), "admin:recipients", build_predicate(check_can_see)),
    MenuRow(_("Audit log"), "admin:audit_auditevent_changelist", build_predicate(check_can_read_events)),
    MenuRow(_("Languages"), "admin:languages", build_predicate(check_can_see_languages)),
    MenuRow(_("Interface texts"), "admin:words", build_predicate(check_can_see_words)),
    MenuRow(
        ngettext_lazy("%(number)s approval request", "%(number)s approval requests", "number"),
        "admin:approvals",
        build_predicate(check_sees_approvals),
        number="approvals_waiting",
    ),
    MenuRow(_("Portal groups"), "admin:portal_groups", is_administrator),
    MenuRow(_("Workstations"), "admin:workstations", is_administrator),
    MenuRow(_("Modes"), "admin:modes", is_administrator),
    MenuRow(_("Welfare"), "admin:welfare", build_predicate(check_can_see_welfare)),
    MenuRow(_("My settings"), "admin:my_settings", sees_queue),
    MenuRow(_("Second factor"), "mfa_index"),
    MenuRow(_("Password"), "account_change_password"),
]


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A menu entry for the template."""

    label: str
    url: str
    shortcut: str


@lru_cache(maxsize=100)
def _page_url(name: str, script_prefix: str) -> str:
    return reverse(name)


def menu_for(user: User, numbers: Mapping[str, Callable[[], int | None]]) -> list[MenuEntry]:
    """The entries that `user` sees. `numbers`: callables by name, called only for entries that are shown."""
    return [
        MenuEntry(
            label=str(row.label % {"number": numbers[row.number]()} if row.number else row.label),
            url=_page_url(row.url_name, get_script_prefix()),
            shortcut=row.shortcut,
        )
        for row in MENU
        if row.is_shown_to is None or row.is_shown_to(user)
    ]
