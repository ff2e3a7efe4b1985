"""May I? A check raises `Denied` with a reason to show; `allowed` turns any check into a yes or no."""

from collections.abc import Callable
from typing import Protocol

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Denied(PermissionDenied):
    """Refused, for a reason a person can read. A view that does not catch it answers 403."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(reason)
        self.reason = reason


def allowed[**P](check: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> bool:
    try:
        check(*args, **kwargs)
    except Denied:
        return False
    return True


class HasPermissions(Protocol):
    def has_perm(self, perm: str, /) -> bool: ...


def check_can_read_events(user: HasPermissions) -> None:
    if not user.has_perm("audit.view_auditevent"):
        raise Denied(_("Only auditors may read the audit record."))
