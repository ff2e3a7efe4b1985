"""Setting targets."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from analysts.figures.permissions import check_can_set_targets
from analysts.models import FigureTarget, User
from audit.actions import record_event


@transaction.atomic
def set_targets(*, by: User, assess_hours: int, removal_hours: int, now: datetime | None = None) -> FigureTarget:
    """Set within how many hours incidents are to be assessed and content to be removed."""
    check_can_set_targets(by)
    before = FigureTarget.objects.select_for_update().first()
    target, _is_new = FigureTarget.objects.update_or_create(
        pk=1, defaults={"assess_hours": assess_hours, "removal_hours": removal_hours}
    )
    details = {
        "assess_hours": [before.assess_hours if before else None, assess_hours],
        "removal_hours": [before.removal_hours if before else None, removal_hours],
    }
    record_event(by=by, action="figures.targets", details=details, at=now or timezone.now())
    return target
