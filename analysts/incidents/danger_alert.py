"""A report that says a child is in danger now: on every staff page, and by a mail that carries a count only."""

from django.utils.translation import ngettext

from analysts.accounts import mails
from analysts.models import Incident

MAIL_TASK = "analysts.send_danger_mail"
# Beyond it the exact number changes nothing about what to do.
MOST_COUNTED = 100


def order_danger_mail() -> None:
    """Order the mail inside the caller's transaction."""
    mails.order_mail(MAIL_TASK)


def send_mail_with_count() -> None:
    """Send the mail, unless everything has been looked at meanwhile."""
    in_danger = Incident.objects.in_danger()
    told = []
    if count := in_danger.apart()[:MOST_COUNTED].count():
        told.append(
            ngettext(
                "A child is in danger now, a report says: %(count)d incident.",
                "A child is in danger now, reports say: %(count)d incidents.",
                count,
            )
            % {"count": count}
        )
    if count := in_danger.alike()[:MOST_COUNTED].count():
        told.append(
            ngettext(
                "Among many that are nearly alike: %(count)d says that a child is in danger now.",
                "Among many that are nearly alike: %(count)d say that a child is in danger now.",
                count,
            )
            % {"count": count}
        )
    if told:
        mails.send_staff_mail("\n".join(told))
