"""The mail to operators about requests that wait for a second one of them: a count, and where to sign in.

It leaves through the outbox of alarms. Requests that administrators decide are not mailed.
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.accounts.alarms import AlarmMail, raise_alarm
from analysts.accounts.staff_link import write_sign_in_line
from analysts.models import AlarmKind, User
from countries.models import ApprovalRequest
from countries.models.approval import ApprovalRequestQuerySet
from countries.staff.contacts.service_approvals import HELP_SERVICE
from countries.staff.translation.opened_languages import LANGUAGE_CHANGE
from countries.staff.workspace.portal_approvals import PORTAL_KINDS

MAILED_KINDS = tuple(kind.code for kind in (*PORTAL_KINDS, HELP_SERVICE, LANGUAGE_CHANGE))


@transaction.atomic
def announce_approvals(*, now: datetime | None = None) -> int:
    """Raise the mail for the waiting requests that no mail has announced; returns their number. Safe to repeat.

    Nothing is raised without a mail server, or while no operator with an address could decide one of them.
    """
    now = now or timezone.now()
    fresh = _waiting_requests(now).filter(announced_at=None)
    requesters = list(fresh.values_list("requested_by_id", flat=True)) if settings.MAIL_HOST else []
    if not requesters or not (to := _addresses_of_others(requesters)):
        return 0
    announced = fresh.update(announced_at=now)
    raise_alarm(AlarmKind.APPROVAL, to=to, now=now)
    return announced


def write_approval_mail() -> AlarmMail | None:
    """The mail; None if all requests have been decided in the meantime."""
    requesters = list(_waiting_requests(timezone.now()).values_list("requested_by_id", flat=True))
    to = _addresses_of_others(requesters)
    if not to:
        return None
    message = ngettext(
        "%(number)d approval request is waiting for a second person.",
        "%(number)d approval requests are waiting for a second person.",
        len(requesters),
    ) % {"number": len(requesters)}
    message += write_sign_in_line()
    return AlarmMail(message, subject=_("Reporting portals: approval requests are waiting"), to=to)


def _waiting_requests(now: datetime) -> ApprovalRequestQuerySet:
    return ApprovalRequest.objects.waiting().of_kinds(MAILED_KINDS).filter(expires_at__gt=now)


def _addresses_of_others(requesters: Iterable[int]) -> list[str]:
    """The addresses of the operators who could decide at least one request: one that they did not make."""
    requester_ids = set(requesters)
    return [user.email for user in User.objects.operators_with_mail() if requester_ids - {user.pk}]
