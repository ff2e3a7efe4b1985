"""May I? A check raises `Denied` with a reason to show; `is_allowed` makes a yes or no of it, `why_not` the reason."""

from collections.abc import Callable
from typing import Any, Protocol

from django.core.exceptions import PermissionDenied
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Denied(PermissionDenied):
    """Refused, for a reason a person can read. A view that does not catch it answers 403."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(reason)
        self.reason = reason


class Late(Denied):
    """The act was right, but another person was faster, or what allowed it has ended meanwhile."""


def is_allowed[**P](check: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> bool:
    try:
        check(*args, **kwargs)
    except Denied:
        return False
    return True


def why_not(check: Callable[..., None], *args: Any) -> str:
    """The reason of the refusal, for a disabled button; empty where the act may pass."""
    try:
        check(*args)
    except Denied as denied:
        return str(denied.reason)
    return ""


class HasPermissions(Protocol):
    def has_perm(self, perm: str, /) -> bool: ...


def check_can_read_events(user: HasPermissions) -> None:
    if not user.has_perm("audit.view_auditevent"):
        raise Denied(_("Only auditors may read the audit record."))
