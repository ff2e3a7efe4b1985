"""The protection of analysts: whether the end of their working day is in their own time zone."""

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register


@register(Tags.security, deploy=True)
def check_work_time_zone(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """In another zone the day ends hours too early or too late, and so do the limits of a day."""
    if not settings.STAFF or settings.DEMO or settings.WORK_TIME_ZONE != "UTC":
        return []
    end = f"CUT_OFF ({settings.CUT_OFF}) and the limits" if settings.CUT_OFF else "the limits"
    return [
        Warning(
            f"WORK_TIME_ZONE is UTC: {end} of a working day are counted in UTC.",
            hint="Name the analysts' time zone: WORK_TIME_ZONE=Europe/London. Where it is UTC, name a place there: "
            "Africa/Accra.",
            id="portal_site.W080",
        )
    ]
