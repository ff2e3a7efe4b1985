"""Routing rules by hosting country, and the routes, referrals and police holds of incidents."""

import uuid
from datetime import date, datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from analysts.codes.answer_kinds import Clearance
from analysts.codes.letter_topics import WithdrawReason
from analysts.codes.recipient_kinds import RecipientKind, ReferralKind, RouteStep
from analysts.models.assessment import Assessment
from analysts.models.incident import Incident
from analysts.models.recipient import Recipient
from analysts.models.staff.recipient_access import RecipientAccess
from analysts.models.staff.user import User


class Hosted(models.TextChoices):
    """The hosting condition of a routing rule."""

    OWN = "own", _("the hotline’s own country")
    HOTLINE = "hotline", _("another country with a hotline")
    OTHER = "other", _("a country without a hotline")
    COUNTRIES = "countries", _("these countries")
    ANYWHERE = "anywhere", _("anywhere")


class RouteRule(models.Model):
    """A routing rule: the steps for a hosting condition. All matching rules apply, in order of position."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    hosted = models.CharField(_("hosted in"), max_length=10, choices=Hosted)
    countries = ArrayField(models.CharField(max_length=2), verbose_name=_("countries"), default=list, blank=True)
    steps = ArrayField(models.CharField(max_length=20, choices=RouteStep), verbose_name=_("steps"))
    # For `RouteStep.NOTICE_HOST_LATER`.
    after_hours = models.PositiveSmallIntegerField(_("hours until the later notice"), default=48)
    reason = models.CharField(_("reason shown to analysts"), max_length=200)
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
                violation_error_message=_("List countries if the rule applies to these countries, and only then."),
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class RouteExample(models.Model):
    """The expected steps for one country, checked again whenever a rule changes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    country = models.CharField(_("country"), max_length=2, unique=True)
    steps = ArrayField(models.CharField(max_length=20, choices=RouteStep), verbose_name=_("expected steps"))

    class Meta:
        verbose_name = _("routing example")
        verbose_name_plural = _("routing examples")
        ordering = ["country"]

    def __str__(self) -> str:
        return self.country


class Route(models.Model):
    """The steps an analyst confirmed for one incident: those proposed, or others with a reason. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="routes", db_index=False)
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="+", db_index=False)
    # `Chase.trace` when it was confirmed; agreed hosting that changes needs a new route.
    trace = models.PositiveSmallIntegerField(_("trace number"))
    country = models.CharField(_("country"), max_length=2)
    proposed = ArrayField(models.CharField(max_length=20, choices=RouteStep), verbose_name=_("proposed steps"))
    steps = ArrayField(models.CharField(max_length=20, choices=RouteStep), verbose_name=_("steps"))
    reason = models.CharField(_("reason for other steps"), max_length=200, blank=True)
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
                violation_error_message=_("Give a reason for choosing steps other than those proposed."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]


class ReferralQuerySet(models.QuerySet["Referral"]):
    def in_inbox_of(self, user: User, today: date) -> Self:
        """The referrals that a recipient's account sees: sent, and to the one recipient whose inbox it opens today.

        The only way to rows for pages, files and counts of an inbox.
        """
        access = RecipientAccess.objects.open(today).filter(user=user).first()
        # By the value, so that PostgreSQL knows how many there are, and reads a page of them in order.
        return self.filter(to=access.recipient_id, noticed_at__isnull=False) if access else self.none()


# The longest time for which a reply "not with us" stops reminders without a new trace.
DENIAL_PAUSE = timedelta(hours=24)


class Referral(models.Model):
    """One referral of an incident. Its outcomes are the set of its referrals, not a single field."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="referrals")
    # The verdict it follows from. Content that re-appears is assessed again and can be referred to the same recipient.
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=8, choices=ReferralKind)
    # The name at the time. Referrals recorded by name only have no `to`.
    recipient = models.CharField(
        _("recipient"),
        max_length=120,
        help_text=_("Name of the host, hotline, police force or list. Do not enter a reported address."),
    )
    to = models.ForeignKey(Recipient, models.PROTECT, null=True, blank=True, related_name="referrals", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    # Why the recipient differs from the route.
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    # No notice is sent before this time: the host is notified some time after the police.
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)
    # When its first notice was sent, and when the content was found removed: the basis of provider performance.
    noticed_at = models.DateTimeField(_("first notice at"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)
    # When its recipient replied that it is not with them, and when a trace made since named the same hosting again.
    # Until then, and for `DENIAL_PAUSE` at most, it is sent no reminder.
    denied_at = models.DateTimeField(_("denied at"), null=True, blank=True)
    retraced_at = models.DateTimeField(_("traced again at"), null=True, blank=True)
    # No more notices are sent after this: the content moved, the takedown ended, or an analyst withdrew it.
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    withdrawn_reason = models.CharField(
        _("reason for withdrawing it"), max_length=9, choices=WithdrawReason, blank=True, default="", db_default=""
    )
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    objects = ReferralQuerySet.as_manager()

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
            # For the performance of all recipients in the last year.
            models.Index(
                fields=["-noticed_at"],
                include=["to", "removed_at", "ended_at"],
                name="referral_noticed",
                condition=Q(noticed_at__isnull=False),
            ),
            models.Index(
                fields=["to", "-removed_at"],
                name="referral_removed_unnoticed",
                condition=Q(noticed_at__isnull=True, removed_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ReferralKind.values), name="referral_kind_known"),
            models.CheckConstraint(
                condition=Q(retraced_at=None) | Q(denied_at__isnull=False), name="referral_retraced_once_denied"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_reason="", withdrawn_by=None)
                | Q(withdrawn_reason__in=WithdrawReason.values, withdrawn_by__isnull=False, ended_at__isnull=False),
                name="referral_withdrawn_by_person",
            ),
            # Only for referrals that have not ended: content that moves may return to an earlier host.
            models.UniqueConstraint(
                fields=["assessment", "kind", "recipient", "to"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="referral_once_a_verdict",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]

    def is_paused(self, now: datetime) -> bool:
        """Whether reminders wait for a new trace, because the recipient says that it is not with them."""
        return self.denied_at is not None and self.retraced_at is None and now < self.denied_at + DENIAL_PAUSE


class PoliceHoldQuerySet(models.QuerySet["PoliceHold"]):
    def waiting(self) -> Self:
        """Clearance requests without an answer, oldest first."""
        return self.filter(answer="").order_by("at", "pk")

    def sent(self) -> Self:
        """Requests that have been sent, the one sent first at the top: the time of an answer runs from there."""
        return self.filter(sent_at__isnull=False).order_by("sent_at", "pk")

    def blocking(self) -> Self:
        """The latest request of each incident, if unanswered or refused: no notice about the incident is sent."""
        later_holds = PoliceHold.objects.filter(incident=OuterRef("incident"), at__gt=OuterRef("at"))
        return self.exclude(answer=Clearance.GRANTED).filter(~Exists(later_holds))


class PoliceHold(models.Model):
    """A clearance request to the police. No notice is sent until they grant it, or after they refuse."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="police_holds", db_index=False)
    police = models.ForeignKey(Recipient, models.PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("requested at"))
    # When the request was sent; the police have not been waited for before.
    sent_at = models.DateTimeField(_("request sent at"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=8, choices=Clearance, blank=True)
    # The date and reference number that the police gave.
    answered_on = models.DateField(_("answered on"), null=True, blank=True)
    reference = models.CharField(_("police reference"), max_length=60, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField(_("recorded at"), null=True, blank=True)
    # Whether `recorded_by` called the police back, who confirmed it. None: their own account, or before it was asked.
    is_called_back = models.BooleanField(_("confirmed by a call back"), null=True, blank=True)

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
                    & (~Q(reference="") | Q(answer=Clearance.NOT_OURS))
                ),
                name="police_hold_answered_in_full",
                violation_error_message=_("An answer needs a date and a reference."),
            ),
            models.CheckConstraint(
                condition=~Q(answer=Clearance.GRANTED, is_called_back=False),
                name="police_hold_granted_is_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]

    def keeps_back(self, referral: Referral) -> bool:
        """Whether no notice about the referral may be sent, for the latest hold of its incident.

        Never the request itself. After a refusal, analysts can refer the incident to another police force or a hotline:
        neither warns a suspect.
        """
        if self.answer == Clearance.GRANTED or referral.to is None or referral.to_id == self.police_id:
            return False
        is_later = self.recorded_at is not None and referral.at > self.recorded_at
        return not (is_later and RecipientKind(referral.to.kind).row.is_national)
