"""Who may order, cancel and fetch exports."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import restrict_to
from analysts.accounts.permissions import CONTENT_ROLES
from analysts.codes import Role
from analysts.incidents.permissions import check_sees_content
from analysts.models import Export, ExportSubject, User
from analysts.takedown.inbox.permissions import check_inbox_is_open
from analysts.welfare.exposure import exposure_status
from audit.permissions import Denied, Late, check_can_read_events

EXPORTERS, check_can_see_exports = restrict_to(
    CONTENT_ROLES | {Role.AUDITOR, Role.RECIPIENT}, _("Only analysts, auditors and recipients can export.")
)


def check_can_export(user: User, subject: str) -> None:
    """People who see the list may export it."""
    match subject:
        case ExportSubject.EVENTS:
            check_can_read_events(user)
        case ExportSubject.INBOX:
            check_inbox_is_open(user, timezone.now().date())
        case _:
            check_sees_content(user)


def check_can_export_addresses(user: User, *, now: datetime) -> None:
    """Senior analysts, while their exposure has reached no limit, as on the incident page."""
    check_sees_content(user)
    if user.role != Role.SENIOR:
        raise Denied(_("Only a senior analyst can export addresses."))
    if limit := exposure_status(user, now=now).limit:
        raise Denied(_("No address can be exported now: %(limit)s.") % {"limit": limit.label})


def check_owns_export(user: User, export: Export) -> None:
    check_can_export(user, export.subject)
    if export.by_id != user.pk:
        raise Denied(_("Another person ordered this export."))


def check_can_cancel(user: User, export: Export) -> None:
    check_owns_export(user, export)
    if not export.is_open:
        raise Late(_("This export has already ended."))


def check_can_fetch(user: User, export: Export, *, now: datetime) -> None:
    """The rights to a file are those to its rows, asked again at the moment of the download."""
    check_owns_export(user, export)
    if export.is_unfinished:
        raise Denied(_("This export is not written yet."))
    if not export.is_ready or export.until <= now:
        raise Late(_("This export was erased here: downloaded, cancelled, or older than 24 hours."))
    if export.subject == ExportSubject.INCIDENTS:
        _check_works_for_portals(user, export)
    if export.has_addresses:
        check_can_export_addresses(user, now=now)


def _check_works_for_portals(user: User, export: Export) -> None:
    """Files written before their portals were noted name none, and are refused too."""
    if not export.portals or not set(export.portals) <= set(user.portal_ids):
        raise Denied(_("This export covers portals that you do not work for now. Delete it, and order it again."))
