"""The alert mail for reports that say a child is in danger now. It contains counts only."""

from django.utils.translation import ngettext

from analysts.accounts import mails
from analysts.models import Incident

MAIL_TASK = "analysts.send_danger_mail"
# Larger counts are not computed: the exact number would not change the response.
MOST_COUNTED = 100


def order_danger_mail() -> None:
    """Queue the mail inside the caller's transaction."""
    mails.order_mail(MAIL_TASK)


def send_mail_with_count() -> None:
    """Send the mail, unless all these incidents have been assessed in the meantime."""
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
    if lines:
        mails.send_staff_mail("\n".join(lines))
