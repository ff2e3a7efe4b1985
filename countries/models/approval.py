"""An approval request: one person asks for something that has no effect until a second person approves it.

Only the staff surface loads this model: it names accounts, and the public surface has none.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from countries.models.decided_setting import DecidedSetting
from countries.models.help_service import HelpService
from countries.models.language import Language
from countries.models.portal import Portal
from countries.models.portal_group import PortalGroup
from countries.models.source import Source

# A request is about exactly one of these.
ABOUT = ("portal", "account", "group", "service", "language", "setting", "source", "log_id")


class ApprovalState(models.TextChoices):
    REQUESTED = "requested", _("requested")
    APPROVED = "approved", _("approved")
    DECLINED = "declined", _("declined")
    # Not decided in time (APPROVAL_DAYS).
    EXPIRED = "expired", _("expired")


class ApprovalRequestQuerySet(models.QuerySet["ApprovalRequest"]):
    def waiting(self) -> "ApprovalRequestQuerySet":
        return self.filter(state=ApprovalState.REQUESTED)

    def overdue(self, now: datetime) -> "ApprovalRequestQuerySet":
        """Waiting requests whose time is over. The worker sets their state."""
        return self.waiting().filter(expires_at__lte=now)

    def waiting_about(self, row: models.Model) -> "ApprovalRequestQuerySet":
        """The waiting request about the row; the database allows one."""
        return self.waiting().filter(**{about_field(row): row})

    def of_kinds(self, codes: Collection[str]) -> "ApprovalRequestQuerySet":
        return self.filter(kind__in=codes)

    def with_names(self) -> "ApprovalRequestQuerySet":
        """Prefetch the names that a page shows: what each is about, and both people."""
        return self.select_related(*ABOUT, "requested_by", "decided_by")


def about_field(row: models.Model) -> str:
    """The name in ABOUT under which a request refers to the row."""
    return next(name for name in ABOUT if ApprovalRequest._meta.get_field(name).related_model is row._meta.model)


class ApprovalRequest(models.Model):
    """A request about exactly one of ABOUT. `payload`: see its kind in `staff.approvals`."""

    kind = models.CharField(_("kind"), max_length=20)
    portal = models.ForeignKey(
        Portal, models.PROTECT, null=True, blank=True, related_name="approval_requests", verbose_name=_("portal")
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("account")
    )
    group = models.ForeignKey(
        PortalGroup,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="approval_requests",
        verbose_name=_("portal group"),
    )
    service = models.ForeignKey(
        HelpService,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="approval_requests",
        verbose_name=_("help service"),
    )
    language = models.ForeignKey(
        Language,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="approval_requests",
        verbose_name=_("language"),
    )
    setting = models.ForeignKey(
        DecidedSetting,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="approval_requests",
        verbose_name=_("decided setting"),
    )
    source = models.ForeignKey(
        Source,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="approval_requests",
        verbose_name=_("source"),
    )
    log_id = models.ForeignKey(
        "audit.LogId",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="approval_requests",
        verbose_name=_("id in the audit log"),
    )
    payload = models.JSONField(_("payload"), default=dict, blank=True)
    # Digest of what it is about at the time of the request; empty for kinds that compare nothing.
    digest = models.CharField(_("digest of what it is about"), max_length=64, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested at"))
    # From then on it cannot be approved. The default serves rows from before the column, and an earlier release.
    expires_at = models.DateTimeField(_("expires at"), db_default=Now() + timedelta(days=14))
    # When the mail to those who can decide it was asked for; empty before, and for kinds without such a mail.
    announced_at = models.DateTimeField(_("announced at"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=ApprovalState, default=ApprovalState.REQUESTED)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    objects: ClassVar[models.Manager["ApprovalRequest"]] = ApprovalRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("approval request")
        verbose_name_plural = _("approval requests")
        default_permissions = ()
        ordering = ["requested_at", "pk"]
        # For the newest request about a portal.
        indexes = [models.Index(fields=["portal", "-requested_at"], name="approval_request_of_portal")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    *(
                        models.Q(**{name: None for name in ABOUT if name != one}, **{f"{one}__isnull": False})
                        for one in ABOUT
                    ),
                    _connector=models.Q.OR,
                ),
                name="approval_request_about_one",
            ),
            # Two open at once about one account would share one entry code, and the requester of one could approve the
            # other.
            *(
                models.UniqueConstraint(
                    fields=[name],
                    condition=models.Q(state=ApprovalState.REQUESTED),
                    name=f"approval_request_one_waiting_for_{name}",
                )
                for name in ABOUT
            ),
            models.CheckConstraint(
                condition=models.Q(state=ApprovalState.REQUESTED, decided_by=None, decided_at=None)
                | models.Q(
                    state__in=[ApprovalState.APPROVED, ApprovalState.DECLINED],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                )
                | models.Q(state=ApprovalState.EXPIRED, decided_by=None, decided_at__isnull=False),
                name="approval_request_decided_with_name_and_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ApprovalState.APPROVED) | models.Q(decided_at__lt=models.F("expires_at")),
                name="approval_request_approved_in_time",
            ),
            # Two people, and neither of them the account in question, enforced for all code.
            models.CheckConstraint(
                condition=~models.Q(state=ApprovalState.APPROVED)
                | (
                    ~models.Q(decided_by=models.F("requested_by"))
                    & (models.Q(account=None) | ~models.Q(decided_by=models.F("account")))
                ),
                name="approval_request_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.kind}"

    @property
    def about(self) -> models.Model:
        """The one row that it is about."""
        row: models.Model = next(filter(None, (getattr(self, name) for name in ABOUT)))
        return row

    def about_row[RowT: models.Model](self, model: type[RowT]) -> RowT:
        """The one row that it is about. Raises TypeError if that is of another model."""
        if not isinstance(row := self.about, model):
            raise TypeError(f"The request is about no {model._meta.verbose_name}.")
        return row

    @property
    def is_waiting(self) -> bool:
        return self.state == ApprovalState.REQUESTED

    @property
    def is_withdrawn(self) -> bool:
        """Whether the person who made it declined it."""
        return self.state == ApprovalState.DECLINED and self.decided_by_id == self.requested_by_id
