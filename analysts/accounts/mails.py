"""Mail to the staff on duty, containing counts only."""

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued


def order_mail(task: str, *, to: Sequence[str] | None = None) -> None:
    """Queue the mail that `task` sends, in the caller's transaction: it is sent if and only if that commits.

    While one is queued no second is queued, because the task reads its facts when it runs. Does nothing if `to` is
    empty; `to` defaults to the staff on duty.
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
        subject=subject or _("Reporting portals: please check the queue"),
        message=message,
        from_email=None,
        recipient_list=settings.ALERT_EMAILS if to is None else to,
    )
