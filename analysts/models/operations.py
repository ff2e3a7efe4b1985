"""Rows that the operations page reads: readings of the machine that the units cannot see, and why jobs failed."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class ReadingKind(models.TextChoices):
    """The readings that `deploy/monitoring/host-readings` takes as root; the worker takes MAIL and KEYRING. Each names
    the columns it fills.
    """

    # `number` and `total`: bytes free, and bytes in all; empty if it cannot be read.
    DISK = "disk", _("disk")
    # `moment`: when the certificate ends; empty if it cannot be read.
    CERTIFICATE = "certificate", _("certificate")
    # `number`: how many there are; empty if it cannot be read. `moment`: when the newest was finished.
    BACKUP = "backup", _("backup")
    # `moment`: when a restored backup was last shown to be equal; empty if never.
    RESTORE = "restore", _("restore rehearsal")
    # `number`: a UnitState; empty if systemd does not answer. `moment`: when a timer last ran.
    UNIT = "unit", _("service")
    # `name`: the version of a release in the archive folder.
    RELEASE = "release", _("release")
    # `number`: 1 if the mail server takes no connection or sign-in, otherwise 0; empty if none is set. `moment`: since
    # when.
    MAIL = "mail", _("mail server")
    # `name`: a class of sealing keys, or a key. `number`: 1 if the class has no key of this month, or the keyring no
    # private half of the key, otherwise 0.
    KEYRING = "keyring", _("keyring")
    # `number`: the status of a surface's answer to the watch, 0 without one; empty if it cannot be asked.
    # `total`: the milliseconds below which it came, one of ANSWER_BANDS.
    SURFACE = "surface", _("surface")


class UnitState(models.IntegerChoices):
    """As `deploy/monitoring/host-readings` numbers them."""

    RUNS = 0, _("runs")
    FAILED = 1, _("failed, or starting again")
    STOPPED = 2, _("stopped")
    FROZEN = 3, _("frozen")
    DISABLED = 4, _("does not start at the next boot")
    MISSING = 5, _("missing")
    # A timer that has not run for too long.
    MISSED = 6, _("did not run")


class HostReading(models.Model):
    """One value read from the machine. The role that writes them can only add rows; the worker deletes old ones."""

    kind = models.CharField(_("kind"), max_length=12, choices=ReadingKind)
    name = models.CharField(_("name"), max_length=80)
    number = models.BigIntegerField(_("number"), null=True, blank=True)
    total = models.BigIntegerField(_("total"), null=True, blank=True)
    moment = models.DateTimeField(_("moment"), null=True, blank=True)
    # The database's own time, as the writing role may not choose it.
    read_at = models.DateTimeField(_("read at"), db_default=Now())

    class Meta:
        verbose_name = _("host reading")
        verbose_name_plural = _("host readings")
        default_permissions = ()
        indexes = [models.Index(fields=["kind", "name", "-id"], name="host_reading_latest")]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=ReadingKind.values), name="host_reading_kind_known")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class JobFailure(models.Model):
    """Why a job last failed. Only the type of the error: its text may hold what a reporter typed."""

    job_id = models.BigIntegerField(_("job"), primary_key=True)
    task = models.CharField(_("task"), max_length=128, db_index=True)
    error = models.CharField(_("error"), max_length=120)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("failure of a job")
        verbose_name_plural = _("failures of jobs")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.job_id} {self.error}"
