"""A report that says a child is in danger now: on every staff page, and by a mail that carries a count only."""

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from analysts.models import Incident

MAIL_TASK = "analysts.send_danger_mail"
# Beyond it the exact number changes nothing about what to do.
MOST_COUNTED = 100


def announce() -> None:
    """Order the mail inside the caller's transaction: it leaves if, and only if, the report is taken in.

    While one mail waits to leave, no second is ordered: its count is taken when it leaves.
    """
    if not settings.ALERT_EMAILS:
        return
    try:
        with transaction.atomic():
            app.configure_task(name=MAIL_TASK, queueing_lock=MAIL_TASK).defer()
    except AlreadyEnqueued:
        pass


def send_mail_with_count() -> None:
    """Send the mail, unless everything has been looked at meanwhile."""
    count = Incident.objects.in_danger()[:MOST_COUNTED].count()
    if not count:
        return
    send_mail(
        subject=_("Reporting portals: please look at the queue"),
        message=ngettext(
            "A child is in danger now, a report says: %(count)d incident.",
            "A child is in danger now, reports say: %(count)d incidents.",
            count,
        )
        % {"count": count},
        from_email=None,
        recipient_list=settings.ALERT_EMAILS,
    )
