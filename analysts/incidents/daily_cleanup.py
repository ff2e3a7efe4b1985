"""What is cleared from everybody's desks each night: what was begun and left, and what was passed over."""

from datetime import datetime, timedelta

from django.utils import timezone

from analysts.models import Draft, Skip

# Over a holiday, but not for ever: a draft may quote what a reporter wrote.
DRAFT_DAYS = 7
# The queue looks back for less than a day (`dispatch.LATELY`), and nobody else ever looks.
SKIP_DAYS = 2


def delete_old_drafts_and_skips(*, now: datetime | None = None) -> None:
    """Delete drafts and skips that are older. What a draft held ends for good with its month's key."""
    now = now or timezone.now()
    Draft.objects.filter(at__lt=now - timedelta(days=DRAFT_DAYS)).delete()
    Skip.objects.filter(at__lt=now - timedelta(days=SKIP_DAYS)).delete()
