"""Where an incident goes, by where it is hosted: the operator's rules, and what was decided for each incident."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from analysts.codes.recipient_kinds import ReferralKind, RouteStep
from analysts.models.assessment import Assessment
from analysts.models.incident import Incident
from analysts.models.recipient import Recipient


class Hosted(models.TextChoices):
    """Where, as a rule asks."""

    OWN = "own", _("the hotline’s own country")
    HOTLINE = "hotline", _("another country with a hotline")
    OTHER = "other", _("a country without a hotline")
    COUNTRIES = "countries", _("these countries")
    ANYWHERE = "anywhere", _("anywhere")


class RouteRule(models.Model):
    """One line of the table: hosted there, these steps. All lines that fit count, in their order."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    hosted = models.CharField(_("hosted in"), max_length=10, choices=Hosted)
    countries = ArrayField(models.CharField(max_length=2), verbose_name=_("countries"), default=list, blank=True)
    steps = ArrayField(models.CharField(max_length=20, choices=RouteStep), verbose_name=_("steps"))
    # For `Step.NOTICE_HOST_LATER`.
    after_hours = models.PositiveSmallIntegerField(_("hours until the later notice"), default=48)
    reason = models.CharField(_("reason, as analysts read it"), max_length=200)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(hosted__in=Hosted.values), name="route_rule_hosted_known"),
            models.CheckConstraint(
                condition=Q(steps__contained_by=RouteStep.values, steps__len__gt=0), name="route_rule_steps_known"
            ),
            models.CheckConstraint(
                condition=Q(hosted=Hosted.COUNTRIES, countries__len__gt=0)
                | (~Q(hosted=Hosted.COUNTRIES) & Q(countries=[])),
                name="route_rule_names_countries",
                violation_error_message=_("Name countries where the rule is about these countries, and nowhere else."),
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class RouteExample(models.Model):
    """What the table has to say about one country: asked again whenever a rule changes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    country = models.CharField(_("country"), max_length=2, unique=True)
    steps = ArrayField(models.CharField(max_length=20, choices=RouteStep), verbose_name=_("expected steps"))

    class Meta:
        verbose_name = _("example of routing")
        verbose_name_plural = _("examples of routing")
        ordering = ["country"]

    def __str__(self) -> str:
        return self.country


class Route(models.Model):
    """What an analyst confirmed for one incident: the proposed steps, or others with a reason. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="routes", db_index=False)
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="+", db_index=False)
    # Of `Chase.trace`: the place that it was decided for; again, where that changed.
    trace = models.PositiveSmallIntegerField(_("number of the trace"))
    country = models.CharField(_("country"), max_length=2)
    proposed = ArrayField(models.CharField(max_length=20, choices=RouteStep), verbose_name=_("proposed steps"))
    steps = ArrayField(models.CharField(max_length=20, choices=RouteStep), verbose_name=_("steps"))
    reason = models.CharField(_("why other steps"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("route")
        verbose_name_plural = _("routes")
        default_permissions = ()
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "assessment", "trace"], name="route_once_a_place"),
            models.CheckConstraint(
                condition=Q(steps__contained_by=RouteStep.values, proposed__contained_by=RouteStep.values),
                name="route_steps_known",
            ),
            models.CheckConstraint(
                condition=Q(steps=models.F("proposed")) | ~Q(reason=""),
                name="route_changed_with_a_reason",
                violation_error_message=_("Say why other steps than those proposed are taken."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]


class Referral(models.Model):
    """One thing done about an incident. Outcomes are the set of these, never one field."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="referrals")
    # The verdict it follows from: what re-appears is assessed again, and may be referred to the same recipient again.
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=8, choices=ReferralKind)
    # As it was called then; of what was recorded by name alone there is no `to`.
    recipient = models.CharField(
        _("recipient"),
        max_length=120,
        help_text=_("Which host, hotline, police force or list. No reported address."),
    )
    to = models.ForeignKey(Recipient, models.PROTECT, null=True, blank=True, related_name="referrals", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    # Why somebody else is told than the route says.
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    # Nothing leaves before: the host is told directly some time after the police.
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)
    # When its first notice left, and when the content was found gone: what a recipient's history is counted from.
    noticed_at = models.DateTimeField(_("first notice at"), null=True, blank=True)
    gone_at = models.DateTimeField(_("gone at"), null=True, blank=True)
    # Nothing more is sent to it: the content moved, or the work ended.
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        default_permissions = ()
        ordering = ["at"]
        indexes = [
            models.Index(
                fields=["to", "-noticed_at"], name="referral_of_recipient", condition=Q(noticed_at__isnull=False)
            ),
            models.Index(fields=["to", "at", "id"], name="referral_open", condition=Q(to__isnull=False, ended_at=None)),
            # What the last year says of all recipients, without the years before.
            models.Index(
                fields=["-noticed_at"],
                include=["to", "gone_at", "ended_at"],
                name="referral_noticed",
                condition=Q(noticed_at__isnull=False),
            ),
            models.Index(
                fields=["to", "-gone_at"],
                name="referral_gone_unnoticed",
                condition=Q(noticed_at__isnull=True, gone_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ReferralKind.values), name="referral_kind_known"),
            # What ended makes room: content that moves may come back to where it was.
            models.UniqueConstraint(
                fields=["assessment", "kind", "recipient", "to"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="referral_once_a_verdict",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]


class Clearance(models.TextChoices):
    GRANTED = "granted", _("granted")
    REFUSED = "refused", _("refused")


class PoliceHoldQuerySet(models.QuerySet["PoliceHold"]):
    def waiting(self) -> Self:
        """Asked and not answered, the longest first."""
        return self.filter(answer="").order_by("at", "pk")

    def blocking(self) -> Self:
        """The latest of each incident, where it is not answered or was refused: nothing leaves about that incident."""
        later = PoliceHold.objects.filter(incident=OuterRef("incident"), at__gt=OuterRef("at"))
        return self.exclude(answer=Clearance.GRANTED).filter(~Exists(later))


class PoliceHold(models.Model):
    """The police were asked whether a notice may go out. Nothing leaves before they grant it, nor after a refusal."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="police_holds", db_index=False)
    police = models.ForeignKey(Recipient, models.PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("asked at"))
    answer = models.CharField(_("answer"), max_length=8, choices=Clearance, blank=True)
    # As the police date and number it.
    answered_on = models.DateField(_("answered on"), null=True, blank=True)
    reference = models.CharField(_("reference of the police"), max_length=60, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField(_("recorded at"), null=True, blank=True)

    objects: ClassVar[models.Manager["PoliceHold"]] = PoliceHoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("police hold")
        verbose_name_plural = _("police holds")
        default_permissions = ()
        ordering = ["at"]
        indexes = [models.Index(fields=["incident", "at"], name="police_hold_of_incident")]
        constraints = [
            models.UniqueConstraint(fields=["incident"], condition=Q(answer=""), name="police_hold_once_at_a_time"),
            models.CheckConstraint(
                condition=Q(
                    answer="",
                    answered_on__isnull=True,
                    reference="",
                    recorded_by__isnull=True,
                    recorded_at__isnull=True,
                )
                | (
                    Q(
                        answer__in=Clearance.values,
                        answered_on__isnull=False,
                        recorded_by__isnull=False,
                        recorded_at__isnull=False,
                    )
                    & ~Q(reference="")
                ),
                name="police_hold_answered_in_full",
                violation_error_message=_("An answer has a date and a reference."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]
