"""Intake, and the worker's publishing."""

from datetime import timedelta

from django.test import override_settings
from django.utils import timezone

from analysts.assessment import publishing
from analysts.assessment.intake import run as intake
from analysts.models import Incident
from reports.models import Arrival


def take_in() -> int:
    """Run intake until it takes nothing more; returns how many envelopes are left over."""
    while intake.take_in():
        pass
    return Arrival.objects.count()


def incidents() -> list[str]:
    """The ids of all incidents."""
    return [str(pk) for pk in Incident.objects.order_by("pk").values_list("pk", flat=True)]


def publish() -> int:
    """Publish changed states; returns how many receipts changed."""
    return publishing.publish_outcomes()


def publish_on(days: int) -> int:
    """Publish as the daily batch does so many days from now."""
    with override_settings(PUBLISH_EVERY="day"):
        return publishing.publish_outcomes(now=timezone.now() + timedelta(days=days))
