"""The verdict."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from analysts import permissions
from analysts.actions.rows import check_fence, closed, freed, locked, record_act, save
from analysts.codes import Closing, Commerciality, PaymentKind, Reason, SiteType, Verdict
from analysts.models import Assessment, Incident, User
from analysts.states import target
from audit.actions import JSON


@transaction.atomic
def assess(
    *,
    by: User,
    incident: Incident,
    fence: int,
    verdict: Verdict,
    severity: str = "",
    age_band: str = "",
    sex: str = "",
    site_type: SiteType = SiteType.NOT_DETERMINED,
    commerciality: Commerciality = Commerciality.NOT_DETERMINED,
    payment: str = "",
    flags: Sequence[str] = (),
    reason: Reason | str = "",
    now: datetime | None = None,
) -> Assessment:
    """Record the verdict. Anything but illegal closes the incident in the same act: there is nothing to do about it."""
    now = now or timezone.now()
    incident = locked(incident, by)
    permissions.check_can_assess(by, incident)
    check_fence(incident, fence)
    assessment = Assessment.objects.create(
        incident=incident,
        by=by,
        at=now,
        round=incident.round,
        look=incident.look,
        verdict=verdict,
        severity=severity,
        age_band=age_band,
        sex=sex,
        site_type=site_type,
        commerciality=commerciality,
        payment=payment or (PaymentKind.NOT_DETERMINED if commerciality == Commerciality.COMMERCIAL else ""),
        flags=list(flags),
        reason=reason,
    )
    incident.state = target("assess")
    # Considered with everything else; a later report of danger sets it again.
    incident.child_in_danger = False
    incident.severity = severity
    changed = [*freed(incident), "child_in_danger", "severity"]
    if verdict != Verdict.ILLEGAL:
        changed += closed(incident, Closing.NOT_ACTIONED, now)
    save(incident, *changed)
    details: dict[str, JSON] = {"verdict": str(verdict), "severity": str(severity), "reason": str(reason)}
    record_act("assess", incident, by=by, now=now, details=details)
    return assessment
