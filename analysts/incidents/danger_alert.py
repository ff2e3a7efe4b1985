"""The alert mail for reports that say a child is in danger now. It contains counts only."""

from django.utils.translation import ngettext

from analysts.accounts.alarms import AlarmMail
from analysts.models import Incident

# Larger counts are not computed: the exact number would not change the response.
MOST_COUNTED = 100


def write_danger_mail() -> AlarmMail | None:
    """The mail; None if all these incidents have been assessed in the meantime."""
    in_danger = Incident.objects.in_danger()
    lines = []
    if count := in_danger.apart()[:MOST_COUNTED].count():
        lines.append(
            ngettext(
                "Child in danger now, according to a report: %(count)d incident.",
                "Child in danger now, according to reports: %(count)d incidents.",
                count,
            )
            % {"count": count}
        )
    if count := in_danger.alike()[:MOST_COUNTED].count():
        lines.append(
            ngettext(
                "Among similar reports: %(count)d says that a child is in danger now.",
                "Among similar reports: %(count)d say that a child is in danger now.",
                count,
            )
            % {"count": count}
        )
    return AlarmMail("\n".join(lines)) if lines else None
