"""Permission checks of the desk that are not about one incident."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import Who
from analysts.accounts.permissions import CONTENT_ROLES
from analysts.codes import Role, Verdict
from analysts.incidents.permissions import check_sees_content
from analysts.models import BulkClosing, User
from audit.permissions import Denied


def check_can_close_flood(user: User, verdict: str) -> None:
    """Many at once are never found illegal, nor found what two people always have to find."""
    check_sees_content(user)
    if verdict == Verdict.ILLEGAL:
        raise Denied(_("What is illegal is assessed one by one."))
    if verdict in settings.SECOND_LOOK_VERDICTS:
        raise Denied(_("This verdict always takes two looks: assess them one by one."))


def check_can_undo_flood(user: User, closing: BulkClosing, *, now: datetime) -> None:
    check_sees_content(user)
    if closing.undone_at is not None:
        raise Denied(_("This was taken back already."))
    if closing.by_id != user.pk and user.role != Role.SENIOR:
        raise Denied(_("Only whoever closed them, or a senior analyst, can take it back."))
    if now - closing.at > timedelta(hours=settings.BULK_UNDO_HOURS):
        raise Denied(_("The time to take it back is over. Reopen them one by one."))


def check_can_see_codes(user: User) -> None:
    """No content: for those who decide by the codes, keep what they mean elsewhere, or ask what a decision meant."""
    if not user.is_active or user.role not in CONTENT_ROLES | {Role.OPERATOR, Role.AUDITOR}:
        raise Denied(_("The code lists are open to analysts, operators and auditors only."))


def check_can_correct_codes(user: User) -> None:
    if not user.is_active or user.role != Role.OPERATOR:
        raise Denied(_("Only an operator corrects what a code means elsewhere."))


def check_can_see_agreement(user: User) -> None:
    """Numbers without names: for those who decide where two looks differ, and those who check that it is done."""
    if not user.is_active or user.role not in (Role.SENIOR, Role.AUDITOR):
        raise Denied(_("How far looks agree is open to senior analysts and auditors only."))


AGREEMENT_READERS = Who(frozenset({Role.SENIOR, Role.AUDITOR}), check_can_see_agreement)
CODE_READERS = Who(CONTENT_ROLES | {Role.OPERATOR, Role.AUDITOR}, check_can_see_codes)
