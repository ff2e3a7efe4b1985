"""The rows of the URL list. Inside the caller's transaction; no permission, no record."""

from datetime import datetime

from django.db.models import F

from analysts.models import Incident, UrlListEntry, UrlListState


def next_version() -> int:
    """The list's next version number; whoever takes one keeps all others waiting until the transaction ends."""
    UrlListState.objects.get_or_create(pk=1)
    UrlListState.objects.filter(pk=1).update(version=F("version") + 1)
    return UrlListState.objects.get(pk=1).version


def remove(incident: Incident, *, now: datetime) -> bool:
    """Off the list; False where it was not on it."""
    entry = UrlListEntry.objects.select_for_update().filter(incident=incident, removed_on=None).first()
    if entry is None:
        return False
    entry.removed_on, entry.version = now.date(), next_version()
    entry.save(update_fields=["removed_on", "version"])
    return True
