"""Alarm mails that have not been delivered yet, and the heartbeats of the workers."""

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.models import WholeHour


class AlarmKind(models.TextChoices):
    DANGER = "danger", _("child in danger")
    VOLUME = "volume", _("unusually many reports")
    ANCHOR = "anchor", _("audit log")
    COVERAGE = "coverage", _("portal without analysts")
    EMERGENCY = "suspend", _("portal suspended by one operator")
    CONTACTS = "contacts", _("contacts to check")
    APPROVAL = "approval", _("approval request")
    SEARCH = "search", _("search limit")
    READING = "reading", _("unusually many addresses revealed")
    ACCOUNT = "account", _("new account of staff")
    SETTING = "setting", _("setting back at its earlier value")
    REFUSALS = "refusals", _("notices refused as not illegal")
    RETURNED = "returned", _("child in danger, back in the queue")


class Alarm(models.Model):
    """One alarm mail to send: the outbox of alarms. Deleted once the mail server has accepted it, or it is moot.

    One row a kind is enough: a mail states what is true when it is sent. An alarm never fails for good.
    """

    kind = models.CharField(_("kind"), max_length=8, choices=AlarmKind, primary_key=True)
    # The hour: reports raise alarms, and their times are stored to the hour.
    raised_at = models.DateTimeField(_("raised at (hour)"))
    # How often it was raised: a mail written before the latest of them does not count as delivery.
    raised = models.PositiveIntegerField(_("how often it was raised"), default=1)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("next try at"))
    # The latest attempt that failed; None before.
    failed_at = models.DateTimeField(_("failed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=AlarmKind.values), name="alarm_kind_known"),
            models.CheckConstraint(condition=WholeHour("raised_at"), name="alarm_raised_whole_hour"),
        ]

    def __str__(self) -> str:
        return self.kind


# The worker notes its heartbeat every minute, and a long job holds its slot meanwhile.
HEARTBEAT_LATE = timedelta(minutes=5)
# Intake notes it every ten seconds, between two reports.
INTAKE_LATE = timedelta(minutes=1)
# Beside its jobs, a worker's process gives a sign of life every 10 seconds.
SILENCE_LATE = timedelta(seconds=45)
# A process that was stopped in order leaves no such sign. The look that mails comes each minute: together within two.
HEARTBEAT_ALONE = timedelta(seconds=50)


class WorkerKind(models.IntegerChoices):
    """The processes that work in the background. Each kind may have several."""

    JOBS = 1, _("worker")
    INTAKE = 2, _("intake")


class WorkerHeartbeat(models.Model):
    """When a worker of this kind last ran a job, or looked for reports. One row a kind.

    `is_worker_missed` and `is_intake_missed` are the one rule for whether they run.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, choices=WorkerKind, default=WorkerKind.JOBS, editable=False)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("heartbeat of a worker")
        verbose_name_plural = _("heartbeats of the workers")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=models.Q(id__in=WorkerKind.values), name="worker_heartbeat_kind_known")
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%dT%H:%MZ}"


def is_worker_missed(heartbeat: datetime | None, now: datetime, silence: timedelta | None) -> bool:
    """Whether the worker is not running.

    Args:
        heartbeat: the last one of a job; None if there was none.
        silence: how long no worker's process has given a sign of life; None if none is registered.
    """
    if silence is None:
        return heartbeat is None or heartbeat <= now - HEARTBEAT_ALONE
    return silence > SILENCE_LATE or (heartbeat is not None and heartbeat <= now - HEARTBEAT_LATE)


def is_intake_missed(heartbeat: datetime | None, now: datetime) -> bool:
    """Whether no process takes reports in. `heartbeat`: the last one of intake; None if there was none."""
    return heartbeat is None or heartbeat <= now - INTAKE_LATE
