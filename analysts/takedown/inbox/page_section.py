"""The dashboard's to-do of administrators: accounts of recipients that have to be confirmed."""

from datetime import datetime

from django.db.models import Model, QuerySet

from analysts.accounts.permissions import check_is_administrator
from analysts.incidents.page_kit import Counts, PageSection
from analysts.models import RecipientAccess, User
from audit.permissions import is_allowed


def count_to_confirm(user: User, now: datetime) -> dict[str, QuerySet[Model, object]]:
    is_shown = is_allowed(check_is_administrator, user)
    return {"inboxes_to_confirm": RecipientAccess.objects.to_confirm(now.date())} if is_shown else {}


def show_to_confirm(user: User, now: datetime, counts: Counts) -> PageSection | None:
    number = counts.get("inboxes_to_confirm", 0)
    return PageSection("analysts/takedown/inbox/_dashboard.html", number) if number else None
