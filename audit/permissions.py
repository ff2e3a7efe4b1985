"""Permission checks: each raises `Denied` with a reason; `is_allowed` and `why_not` turn that into a value."""

from collections.abc import Callable
from typing import Protocol

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Denied(PermissionDenied):
    """Refused, with a reason to show. A view that does not catch it answers 403."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(reason)
        self.reason = reason


class Late(Denied):
    """The action was allowed, but another person was faster or the permission ended meanwhile."""


def is_allowed[**P](check: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> bool:
    try:
        check(*args, **kwargs)
    except Denied:
        return False
    return True


def why_not(check: Callable[..., None], *args: object, **kwargs: object) -> str:
    """The reason for the refusal, for a disabled button; "" if the action is allowed."""
    try:
        check(*args, **kwargs)
    except Denied as denied:
        return str(denied.reason)
    return ""


class HasPermissions(Protocol):
    def has_perm(self, perm: str, /) -> bool: ...


def check_can_read_events(user: HasPermissions) -> None:
    if not user.has_perm("audit.view_auditevent"):
        raise Denied(_("Only auditors may read the audit log."))
