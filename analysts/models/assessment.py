"""What an analyst decided and what was done about it."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analysts.codes import (
    AgeBand,
    Commerciality,
    Flag,
    Reason,
    ReferralKind,
    Severity,
    Sex,
    SiteType,
    Verdict,
)
from analysts.models.incident import Incident


class Assessment(models.Model):
    """One analyst's verdict. Severity is the most severe visible, age the youngest visible."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="assessments")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    verdict = models.CharField(_("verdict"), max_length=16, choices=Verdict)
    severity = models.CharField(_("severity"), max_length=1, choices=Severity, blank=True)
    age_band = models.CharField(_("age of the youngest"), max_length=5, choices=AgeBand, blank=True)
    sex = models.CharField(_("sex"), max_length=16, choices=Sex, blank=True)
    site_type = models.CharField(_("site type"), max_length=16, choices=SiteType, default=SiteType.NOT_DETERMINED)
    commerciality = models.CharField(
        _("commerciality"), max_length=16, choices=Commerciality, default=Commerciality.NOT_DETERMINED
    )
    flags = ArrayField(models.CharField(max_length=16, choices=Flag), verbose_name=_("flags"), default=list, blank=True)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, blank=True)

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        default_permissions = ()
        ordering = ["-at"]
        indexes = [models.Index(fields=["incident", "-at"], name="assessment_latest")]
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="assessment_verdict_known"),
            # An illegal verdict is classified in full; any other says why nothing is done.
            models.CheckConstraint(
                condition=Q(
                    verdict=Verdict.ILLEGAL,
                    severity__in=Severity.values,
                    age_band__in=AgeBand.values,
                    sex__in=Sex.values,
                    reason="",
                )
                | (~Q(verdict=Verdict.ILLEGAL) & Q(severity="", age_band="", sex="", reason__in=Reason.values)),
                name="assessment_classified_or_reasoned",
                violation_error_message=_(
                    "An illegal verdict needs severity, age and sex; any other verdict needs a reason."
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]


class Referral(models.Model):
    """One thing done about an incident. Outcomes are the set of these, never one field."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="referrals")
    # The verdict it follows from: what re-appears is assessed again, and may be referred to the same addressee again.
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=8, choices=ReferralKind)
    addressee = models.CharField(
        _("addressee"),
        max_length=120,
        help_text=_("Which host, hotline, police force or list. No reported address."),
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        default_permissions = ()
        ordering = ["at"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ReferralKind.values), name="referral_kind_known"),
            models.UniqueConstraint(fields=["assessment", "kind", "addressee"], name="referral_once_a_verdict"),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]
