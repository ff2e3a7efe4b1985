"""Assessments of incidents."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analysts.codes import (
    REASONS,
    SHOWS_CHILD,
    SHOWS_NO_CHILD,
    AgeBand,
    Commerciality,
    ContentKind,
    ContentWarning,
    Flag,
    FoundOn,
    PaymentKind,
    Reason,
    ReviewStage,
    Severity,
    Sex,
    SiteType,
    UndoReason,
    Verdict,
    VerdictBasis,
)
from analysts.models.bulk import BulkClosing
from analysts.models.incident import Incident


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def in_force(self) -> Self:
        """Assessments that were not undone."""
        return self.filter(undone_at=None)

    def acted_on(self) -> "Assessment | None":
        """On assessments of one incident: the latest illegal verdict, even while another review is pending."""
        return self.in_force().filter(verdict=Verdict.ILLEGAL).order_by("-at").first()


class Assessment(models.Model):
    """One analyst's verdict. Severity is the most severe visible, age the youngest visible.

    A trigger prevents changes and deletion. An assessment can only be undone, and stays readable. The latest one not
    undone decides.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="assessments")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("at"))
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    stage = models.CharField(_("review stage"), max_length=6, choices=ReviewStage, default=ReviewStage.FIRST)
    verdict = models.CharField(_("verdict"), max_length=16, choices=Verdict)
    # An illegal verdict's basis; empty in those from before it was asked.
    basis = models.CharField(_("rests on"), max_length=9, choices=VerdictBasis, blank=True, default="", db_default="")
    severity = models.CharField(_("severity"), max_length=1, choices=Severity, blank=True)
    age_band = models.CharField(_("age of the youngest child"), max_length=5, choices=AgeBand, blank=True)
    sex = models.CharField(_("sex"), max_length=16, choices=Sex, blank=True)
    site_type = models.CharField(_("site type"), max_length=16, choices=SiteType, default=SiteType.NOT_DETERMINED)
    commerciality = models.CharField(
        _("commerciality"), max_length=16, choices=Commerciality, default=Commerciality.NOT_DETERMINED
    )
    payment = models.CharField(_("payment"), max_length=16, choices=PaymentKind, blank=True)
    content_kind = models.CharField(
        _("kind of content"), max_length=16, choices=ContentKind, default=ContentKind.NOT_DETERMINED
    )
    found_on = models.CharField(_("found on"), max_length=16, choices=FoundOn, default=FoundOn.NOT_DETERMINED)
    flags = ArrayField(models.CharField(max_length=16, choices=Flag), verbose_name=_("flags"), default=list, blank=True)
    notices = ArrayField(
        models.CharField(max_length=8, choices=ContentWarning),
        verbose_name=_("content warnings"),
        default=list,
        blank=True,
    )
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, blank=True)
    # The bulk closing that it is part of.
    bulk = models.ForeignKey(BulkClosing, models.PROTECT, null=True, blank=True, related_name="assessments")
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    undo_reason = models.CharField(_("reason for undoing"), max_length=16, choices=UndoReason, blank=True)

    objects: ClassVar[models.Manager["Assessment"]] = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        default_permissions = ()
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["incident", "-at"], name="assessment_latest"),
            models.Index(fields=["by", "-at"], name="assessment_of_person"),
            # Figures of a day.
            models.Index(fields=["at"], name="assessment_at"),
            models.Index(fields=["undone_at"], name="assessment_undone", condition=Q(undone_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="assessment_verdict_known"),
            # An illegal verdict has a full classification; any other has a reason.
            models.CheckConstraint(
                condition=Q(
                    verdict=Verdict.ILLEGAL,
                    severity__in=SHOWS_CHILD,
                    age_band__in=AgeBand.values,
                    sex__in=Sex.values,
                    reason="",
                )
                | Q(verdict=Verdict.ILLEGAL, severity__in=SHOWS_NO_CHILD, age_band="", sex="", reason="")
                | (~Q(verdict=Verdict.ILLEGAL) & Q(severity="", age_band="", sex="", reason__in=Reason.values)),
                name="assessment_classified_or_reasoned",
                violation_error_message=_(
                    "An illegal verdict needs a severity, with age and sex if a child is shown; any other verdict needs"
                    " a reason."
                ),
            ),
            models.CheckConstraint(
                condition=Q(reason="")
                | Q(verdict=Verdict.NOT_ILLEGAL, reason__in=sorted(REASONS[Verdict.NOT_ILLEGAL]))
                | Q(verdict=Verdict.NOT_ASSESSED, reason__in=sorted(REASONS[Verdict.NOT_ASSESSED]))
                | Q(verdict=Verdict.OUTSIDE_REMIT, reason__in=sorted(REASONS[Verdict.OUTSIDE_REMIT])),
                name="assessment_reason_of_verdict",
                violation_error_message=_("This reason does not apply to this verdict."),
            ),
            models.CheckConstraint(
                condition=~Q(severity=Severity.PROHIBITED) | Q(flags__contains=[Flag.DRAWN.value]),
                name="assessment_prohibited_is_drawn",
                violation_error_message=_("Prohibited images are not photographs: flag them as virtual or drawn."),
            ),
            models.CheckConstraint(
                condition=Q(commerciality=Commerciality.COMMERCIAL, payment__in=PaymentKind.values)
                | (~Q(commerciality=Commerciality.COMMERCIAL) & Q(payment="")),
                name="assessment_payment_if_commercial",
                violation_error_message=_(
                    "Commercial content needs a payment method; other content must not have one."
                ),
            ),
            models.CheckConstraint(
                condition=Q(
                    site_type__in=SiteType.values,
                    commerciality__in=Commerciality.values,
                    content_kind__in=ContentKind.values,
                    found_on__in=FoundOn.values,
                    stage__in=ReviewStage.values,
                    flags__contained_by=Flag.values,
                    notices__contained_by=ContentWarning.values,
                ),
                name="assessment_codes_known",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True, undo_reason="")
                | Q(undone_at__isnull=False, undone_by__isnull=False, undo_reason__in=UndoReason.values),
                name="assessment_undone_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(basis="") | Q(verdict=Verdict.ILLEGAL, basis__in=VerdictBasis.values),
                name="assessment_basis_of_illegal",
            ),
            # Reviews of a round are by different people, and each review stage has one verdict.
            models.UniqueConstraint(
                fields=["incident", "round", "stage"], condition=Q(undone_at=None), name="assessment_once_a_stage"
            ),
            models.UniqueConstraint(
                fields=["incident", "round", "by"], condition=Q(undone_at=None), name="assessment_once_a_person"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]

    @property
    def category(self) -> str:
        """The category on which reviews must agree: the severity of an illegal verdict, otherwise the verdict."""
        return self.severity or self.verdict
