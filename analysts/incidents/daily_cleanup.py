"""Nightly deletion of old drafts and skips."""

from datetime import datetime, timedelta

from django.utils import timezone

from analysts.models import Draft, Skip

# Long enough for a holiday; limited, because a draft may quote what a reporter wrote.
DRAFT_DAYS = 7
# Skips are only read by the queue, which looks back less than a day (`dispatch.LATELY`).
SKIP_DAYS = 2


def delete_old_drafts_and_skips(*, now: datetime | None = None) -> None:
    """Delete drafts older than DRAFT_DAYS and skips older than SKIP_DAYS."""
    now = now or timezone.now()
    Draft.objects.filter(at__lt=now - timedelta(days=DRAFT_DAYS)).delete()
    Skip.objects.filter(at__lt=now - timedelta(days=SKIP_DAYS)).delete()
