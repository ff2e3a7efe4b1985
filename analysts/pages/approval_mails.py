"""The mail to those who can decide approval requests and imports of history, through the outbox of alarms.

It has counts, and where to sign in.
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.accounts.alarms import AlarmMail, raise_alarm
from analysts.accounts.operator_mails import sign_in_line
from analysts.codes import Role
from analysts.models import AlarmKind, HistoryImport, ImportState, User
from analysts.pages.approvals import APPROVERS, KIND_BY_CODE, kinds_decided_by
from countries.models import ApprovalRequest
from countries.models.approval import ApprovalRequestQuerySet


@transaction.atomic
def announce_approvals(*, now: datetime | None = None) -> int:
    """Raise the mail for the waiting requests that no mail has announced; returns their number. Safe to repeat.

    Nothing is raised without a mail server. A request that no account with an address could decide waits for one.
    """
    now = now or timezone.now()
    requests = list(_waiting_requests(now).filter(announced_at=None)) if settings.MAIL_HOST else []
    approvers = _approvers() if requests else {}
    readable = [request for request in requests if _addresses(approvers, [request])]
    if not readable:
        return 0
    ApprovalRequest.objects.filter(pk__in=[request.pk for request in readable]).update(announced_at=now)
    raise_alarm(AlarmKind.APPROVAL, to=_addresses(approvers, readable), now=now)
    return len(readable)


def write_approval_mail() -> AlarmMail | None:
    """The mail; None if all requests have been decided in the meantime."""
    requests = list(_waiting_requests(timezone.now()))
    imports = list(HistoryImport.objects.filter(state=ImportState.REQUESTED))
    to = dict.fromkeys([*_addresses(_approvers(), requests), *_addresses_of_seniors(imports)])
    if not to:
        return None
    sentences = [_requests_sentence(len(requests))] * bool(requests) + [_imports_sentence(len(imports))] * bool(imports)
    subject = _("Reporting portals: approval requests are waiting")
    return AlarmMail(" ".join(sentences) + sign_in_line(), subject=subject, to=list(to))


def _requests_sentence(number: int) -> str:
    sentence = ngettext(
        "%(number)d approval request is waiting for a second person.",
        "%(number)d approval requests are waiting for a second person.",
        number,
    ) % {"number": number}
    return f"{sentence} {_('Your list has those that you may decide.')}"


def _imports_sentence(number: int) -> str:
    return ngettext(
        "%(number)d import of history is waiting for a second senior analyst, under “History of a former system”.",
        "%(number)d imports of history are waiting for a second senior analyst, under “History of a former system”.",
        number,
    ) % {"number": number}


def _addresses_of_seniors(imports: Iterable[HistoryImport]) -> list[str]:
    """The addresses of those who could approve one: another senior analyst than asked for it."""
    requesters = {history.requested_by_id for history in imports}
    seniors = User.objects.with_mail(Role.SENIOR).exclude(is_vouched_for=False)
    return [senior.email for senior in seniors if requesters - {senior.pk}] if requesters else []


def _waiting_requests(now: datetime) -> ApprovalRequestQuerySet:
    return ApprovalRequest.objects.waiting().of_kinds(KIND_BY_CODE).filter(expires_at__gt=now)


def _approvers() -> dict[User, list[str]]:
    """The accounts that a mail reaches and that may be a second person, with the kinds that each decides."""
    users = User.objects.with_mail(*APPROVERS.roles).exclude(is_vouched_for=False)
    return {user: kinds_decided_by(user) for user in users}


def _addresses(approvers: dict[User, list[str]], requests: Iterable[ApprovalRequest]) -> list[str]:
    """The addresses of those who could decide at least one request: of their kinds, and made by another person."""
    asked = {(request.kind, request.requested_by_id) for request in requests}
    return [
        user.email
        for user, kinds in approvers.items()
        if any(kind in kinds and asked_by != user.pk for kind, asked_by in asked)
    ]
