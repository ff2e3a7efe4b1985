"""What the worker does each minute."""

from analysts.assessment import intake, publishing
from analysts.models import Incident
from reports.models import Arrival


def take_in() -> int:
    """Take in until a run takes nothing more; how many envelopes are left over."""
    while intake.take_in():
        pass
    return Arrival.objects.count()


def incidents() -> list[str]:
    """The id of every incident."""
    return [str(pk) for pk in Incident.objects.order_by("pk").values_list("pk", flat=True)]


def publish() -> int:
    """Publish what changed; how many receipts show something new."""
    return publishing.publish_outcomes()
