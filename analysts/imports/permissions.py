"""Who may import history: senior analysts, two for each import."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import restrict_to
from analysts.codes import Role
from analysts.models import HistoryImport, ImportState, User
from analysts.models.origins import PREPARED, UNDO_FOR
from audit.permissions import Denied, Late
from countries.models import Portal
from countries.staff.requests.approvals import check_is_second_person

IMPORTERS, check_can_import = restrict_to({Role.SENIOR}, _("Only senior analysts import history."))


def check_can_map(user: User, history: HistoryImport) -> None:
    check_can_import(user)
    if history.state not in (ImportState.MAPPING, ImportState.COUNTED):
        raise Late(_("The codes of this import cannot be changed any more."))


def check_can_request(user: User, history: HistoryImport) -> None:
    check_can_import(user)
    if history.state != ImportState.COUNTED:
        raise Late(_("This import is not counted yet, or was requested already."))


def check_can_approve_import(user: User, history: HistoryImport) -> None:
    check_can_import(user)
    if history.state != ImportState.REQUESTED:
        raise Late(_("This import does not wait for a second person."))
    refusal = _("Another senior analyst must approve the import that you requested.")
    check_is_second_person(user, history.requested_by_id, history.requested_at, refusal=refusal)
    if HistoryImport.objects.filter(state=ImportState.RUNNING).exists():
        raise Denied(_("Another import is running. Approve this one when it has ended."))


def check_can_discard(user: User, history: HistoryImport) -> None:
    check_can_import(user)
    if history.state not in PREPARED or history.state == ImportState.RUNNING:
        raise Late(_("This import has begun, or was discarded already."))


def check_can_open_case(user: User, history: HistoryImport) -> None:
    check_can_import(user)
    check_is_own(user, history.portal)
    if history.state != ImportState.DONE:
        raise Late(_("Only cases that were imported can be opened."))


def check_is_own(user: User, portal: Portal | None) -> None:
    if portal is not None and portal.pk not in user.portal_ids:
        raise Denied(_("You do not work for this portal."))


def check_can_undo(user: User, history: HistoryImport, *, now: datetime) -> None:
    check_can_import(user)
    if history.state != ImportState.DONE or history.imported_at is None:
        raise Late(_("There is nothing to undo."))
    if history.imported_at + UNDO_FOR <= now:
        raise Late(_("An import can be undone for seven days."))
