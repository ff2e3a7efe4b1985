"""Mail to those who are on duty: counts and nothing else."""

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued


def order_mail(task: str, *, to: Sequence[str] | None = None) -> None:
    """Order the mail that `task` sends, inside the caller's transaction: it leaves if, and only if, that commits.

    While one waits to leave, no second is ordered: what it says is found out when it leaves. `to` says whether there
    is anybody to send it to; those on duty where it is not given.
    """
    if not (settings.ALERT_EMAILS if to is None else to):
        return
    try:
        with transaction.atomic():
            app.configure_task(name=task, queueing_lock=task).defer()
    except AlreadyEnqueued:
        pass


def send_staff_mail(message: str, *, subject: str = "", to: Sequence[str] | None = None) -> None:
    send_mail(
        subject=subject or _("Reporting portals: please look at the queue"),
        message=message,
        from_email=None,
        recipient_list=settings.ALERT_EMAILS if to is None else to,
    )
