"""The codes that reporters of a test keep: nothing on the server leads from a receipt back to its code."""

from uuid import UUID

from reports import receipts

_kept: dict[UUID, str] = {}


def remember(code: str) -> None:
    _kept[receipts.derive_credentials(code).receipt_id] = code


def code_of(receipt_id: UUID) -> str:
    return _kept[receipt_id]
