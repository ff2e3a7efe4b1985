"""Alerts in the timeline of an incident."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.timeline import MOST_OF_A_KIND, TimelineEntry
from analysts.models import ChildAlert, Incident


def alert_entries(incident: Incident) -> Iterator[TimelineEntry]:
    alerts = ChildAlert.objects.filter(incident=incident).select_related("by", "corrected_by", "withdrawn_by")
    for alert in alerts.order_by("-at")[:MOST_OF_A_KIND]:
        details = [str(alert.get_kind_display()), defang_text(alert.name), str(alert.get_reason_display())]
        title = _("alerted by letter before a verdict") if alert.to_id else _("called before a verdict")
        yield TimelineEntry(at=alert.at, by=alert.by, title=title, details=details)
        if alert.corrected_at and alert.corrected_by:
            yield TimelineEntry(
                at=alert.corrected_at, by=alert.corrected_by, title=_("called again: the report was wrong"), details=[]
            )
        if alert.withdrawn_at and alert.withdrawn_by:
            details = [defang_text(alert.name), alert.get_withdrawn_reason_display()]
            title = _("alert withdrawn")
            yield TimelineEntry(at=alert.withdrawn_at, by=alert.withdrawn_by, title=title, details=details)
