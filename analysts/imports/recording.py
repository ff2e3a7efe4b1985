"""The audit event of history imports."""

from datetime import datetime

from analysts.models import HistoryImport, User
from audit.actions import JSON, record_event


def record_import(history: HistoryImport, step: str, *, by: User | None, at: datetime) -> None:
    """The one kind of event of imports: its step, the file's digest, and counts."""
    details: dict[str, JSON] = {
        "number": history.pk,
        "state": step,
        "source": history.source,
        "format": history.format,
        "digest": history.digest,
        "rows": history.rows,
        "refused": {name: len(numbers) for name, numbers in history.refusals.items()},
        "outcomes": dict(history.counts),
        "kept": len(history.kept),
    }
    slug = history.portal.slug if history.portal else ""
    record_event(by=by, action="history.import", on=history, portal=slug, details=details, at=at)
