"""What takes two administrators: a role that opens content or makes accounts, and the way back into an account."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from analysts.codes import Role
from analysts.models.user import User


class ProposalKind(models.TextChoices):
    ROLE = "role", _("role")
    RECOVERY = "recovery", _("new password and second factor")


class ProposalState(models.TextChoices):
    OPEN = "open", _("waits for another administrator")
    CONFIRMED = "confirmed", _("confirmed")
    REFUSED = "refused", _("refused")


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def waiting(self) -> "ProposalQuerySet":
        return self.filter(state=ProposalState.OPEN)


class Proposal(models.Model):
    """Asked for by one administrator; without effect until another one confirms it."""

    kind = models.CharField(_("kind"), max_length=8, choices=ProposalKind)
    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("account"), related_name="+")
    role = models.CharField(_("role"), max_length=16, choices=Role, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("asked by"), related_name="+")
    asked_at = models.DateTimeField(_("asked at"))
    state = models.CharField(_("state"), max_length=9, choices=ProposalState, default=ProposalState.OPEN)
    decided_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("decided by"), related_name="+", null=True, blank=True
    )

    objects: ClassVar[ProposalQuerySet] = ProposalQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        default_permissions = ()
        ordering = ["asked_at", "pk"]
        constraints = [
            # Two at once would share one code, and whoever asked for one of them could confirm the other.
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(state=ProposalState.OPEN), name="proposal_one_open"
            ),
            models.CheckConstraint(
                condition=models.Q(kind=ProposalKind.RECOVERY, role="")
                | models.Q(kind=ProposalKind.ROLE, role__in=Role.values),
                name="proposal_role_fits_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(state=ProposalState.OPEN, decided_by=None)
                | models.Q(state__in=[ProposalState.CONFIRMED, ProposalState.REFUSED], decided_by__isnull=False),
                name="proposal_decided_by_somebody",
            ),
            # Whatever the code does: two people, and neither of them gains by it.
            models.CheckConstraint(
                condition=~models.Q(state=ProposalState.CONFIRMED)
                | (~models.Q(decided_by=models.F("asked_by")) & ~models.Q(decided_by=models.F("user"))),
                name="proposal_confirmed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.kind}"


class EntryCode(models.Model):
    """The one-time code that lets a person set a new password. Only hashes are kept, one of each half."""

    user = models.OneToOneField(User, models.PROTECT, primary_key=True, related_name="+")
    first_half = models.CharField(_("hash of the first half"), max_length=64)
    second_half = models.CharField(_("hash of the second half"), max_length=64, blank=True)
    until = models.DateTimeField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("entry code")
        verbose_name_plural = _("entry codes")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(second_half="", until=None)
                | (~models.Q(second_half="") & models.Q(until__isnull=False)),
                name="entry_code_valid_when_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user_id)
