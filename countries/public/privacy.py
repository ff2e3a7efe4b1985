"""The rows of the public privacy page, offered by the app that declares what is kept about a report."""

from collections.abc import Sequence
from typing import Protocol

from django.utils.functional import Promise


class PrivacyPageRow(Protocol):
    """One row of the privacy page, in words a reporter understands."""

    @property
    def what(self) -> str | Promise: ...

    @property
    def why(self) -> str | Promise: ...

    @property
    def until(self) -> str | Promise: ...


_rows: Sequence[PrivacyPageRow] = ()


def offer_privacy_rows(rows: Sequence[PrivacyPageRow]) -> None:
    """Make these the rows of the page: this app draws it, but imports nothing of the apps above."""
    global _rows
    _rows = rows


def privacy_rows() -> Sequence[PrivacyPageRow]:
    return _rows
