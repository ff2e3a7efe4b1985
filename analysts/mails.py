"""Mail to those who are on duty: counts and nothing else."""

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued


def order(task: str) -> None:
    """Order the mail that `task` sends, inside the caller's transaction: it leaves if, and only if, that commits.

    While one waits to leave, no second is ordered: what it says is found out when it leaves.
    """
    if not settings.ALERT_EMAILS:
        return
    try:
        with transaction.atomic():
            app.configure_task(name=task, queueing_lock=task).defer()
    except AlreadyEnqueued:
        pass


def send(message: str) -> None:
    send_mail(
        subject=_("Reporting portals: please look at the queue"),
        message=message,
        from_email=None,
        recipient_list=settings.ALERT_EMAILS,
    )
