"""Where something is hosted: how each trace established it, and what the latest agreed set of them says."""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from analysts.models.incident import Incident
from analysts.models.recipient import Recipient
from analysts.models.user import User


class TraceMethod(models.TextChoices):
    """How somebody found out, on the isolated workstation or from a file. Never this server by asking anybody."""

    DNS = "dns", _("DNS look-up")
    WHOIS_ADDRESS = "whois_address", _("registry of network addresses (whois, RDAP)")
    WHOIS_DOMAIN = "whois_domain", _("registry of domains (whois, RDAP)")
    ROUTE = "route", _("route (traceroute)")
    BGP = "bgp", _("routing tables (BGP)")
    HEADERS = "headers", _("headers of the server")
    CERTIFICATE = "certificate", _("certificate")
    PASSIVE_DNS = "passive_dns", _("history of DNS")
    FILE = "file", _("offline file of networks")
    PROVIDER = "provider", _("word of the provider")
    OTHER = "other", _("other (say which)")


class HostingTrace(models.Model):
    """One way by which somebody established where an incident is hosted. Never changed: a later one counts instead.

    The network address itself is not kept: with it a stolen database could tell what was reported.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="traces", db_index=False)
    method = models.CharField(_("method"), max_length=16, choices=TraceMethod)
    country = models.CharField(_("country"), max_length=2)
    provider = models.ForeignKey(Recipient, models.PROTECT, related_name="+", db_index=False)
    # Such as "AS64496 Example Net".
    network = models.CharField(_("network"), max_length=120, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    # When it was established, and when it was entered.
    at = models.DateTimeField(_("at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    # The answer of the workstation that brought it; the same answer twice brings it once.
    source = models.UUIDField(_("answer of the workstation"), null=True, blank=True)

    class Meta:
        verbose_name = _("hosting trace")
        verbose_name_plural = _("hosting traces")
        default_permissions = ()
        ordering = ["at", "recorded_at"]
        indexes = [models.Index(fields=["incident", "at"], name="trace_of_incident")]
        constraints = [
            models.CheckConstraint(condition=Q(method__in=TraceMethod.values), name="trace_method_known"),
            models.CheckConstraint(
                condition=~Q(method=TraceMethod.OTHER) | ~Q(note=""),
                name="trace_other_says_which",
                violation_error_message=_("Say which other method it was."),
            ),
            models.UniqueConstraint(fields=["source", "method"], condition=Q(source__isnull=False), name="trace_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]


class CheckOutcome(models.TextChoices):
    ONLINE = "online", _("still online")
    GONE = "gone", _("gone")
    UNCLEAR = "unclear", _("unclear")


class AvailabilityCheck(models.Model):
    """Somebody looked, on the isolated workstation. Never this server."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="checks", db_index=False)
    outcome = models.CharField(_("outcome"), max_length=8, choices=CheckOutcome)
    at = models.DateTimeField(_("at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    source = models.UUIDField(_("answer of the workstation"), null=True, blank=True)

    class Meta:
        verbose_name = _("availability check")
        verbose_name_plural = _("availability checks")
        default_permissions = ()
        ordering = ["at", "recorded_at"]
        indexes = [models.Index(fields=["incident", "at"], name="check_of_incident")]
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=CheckOutcome.values), name="check_outcome_known"),
            models.UniqueConstraint(fields=["source"], condition=Q(source__isnull=False), name="check_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]


class ChaseQuerySet(models.QuerySet["Chase"]):
    def open(self) -> Self:
        return self.filter(ended_at=None)

    def visible_to(self, user: User) -> Self:
        """Of incidents sighted by a portal the user works for."""
        return self.filter(incident__portals__overlap=user.portal_ids)

    def untraced(self) -> Self:
        """Of which three methods have not agreed yet where they are hosted, the longest first."""
        return self.open().filter(trace=0).order_by("since", "pk")

    def unrouted(self) -> Self:
        """Traced, and nobody has confirmed where they go."""
        return self.open().filter(trace__gt=0, routed_trace=None).order_by("traced_at", "pk")

    def moved(self) -> Self:
        """Hosted elsewhere than where their route was confirmed for."""
        return self.open().exclude(routed_trace=None).exclude(routed_trace=F("trace")).order_by("traced_at", "pk")

    def not_seen_since(self, moment: datetime) -> Self:
        """Nobody has looked since; counted from the first notice, or the verdict, where nobody ever has."""
        return self.open().annotate(seen=SEEN).filter(seen__lte=moment).order_by("seen", "pk")

    def not_told_since(self, moment: datetime) -> Self:
        """Noticed, still there as far as anybody knows and where its route says, and nobody else was told since."""
        moved = Q(routed_trace__isnull=False) & ~Q(routed_trace=F("trace"))
        noticed = self.open().filter(~moved, noticed_at__isnull=False, gone_in_a_row=0)
        return noticed.annotate(told=TOLD).filter(told__lte=moment).order_by("told", "pk")


# As their indexes have them.
SEEN = Coalesce("checked_at", "noticed_at", "since")
TOLD = Coalesce("escalated_at", "noticed_at")


class Chase(models.Model):
    """How the work on one illegal incident stands, from the verdict until it is gone: one row an incident and round.

    What is known of its hosting, the checks in a row that found it gone, and when something is due next. Everything
    here follows from traces, notices and checks; it is kept so that a run reads what is due, and nothing else.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="chases", db_index=False)
    round = models.PositiveSmallIntegerField(_("round"))
    # Of the verdict.
    since = models.DateTimeField(_("since"))
    # Of the latest agreed set of traces; `trace` counts how often that came to another place.
    country = models.CharField(_("country"), max_length=2, blank=True)
    provider = models.ForeignKey(Recipient, models.PROTECT, null=True, blank=True, related_name="+")
    network = models.CharField(_("network"), max_length=120, blank=True)
    traced_at = models.DateTimeField(_("traced at"), null=True, blank=True)
    trace = models.PositiveSmallIntegerField(_("number of the trace"), default=0)
    # The trace by which its route was confirmed; another one since: a person approves where it goes now.
    routed_trace = models.PositiveSmallIntegerField(_("trace of the route"), null=True, blank=True)
    # When the first notice of the round left. Removal time runs from here.
    noticed_at = models.DateTimeField(_("first notice at"), null=True, blank=True)
    # Hours since `noticed_at` are cut into intervals; the last one whose steps were taken.
    interval = models.PositiveIntegerField(_("interval"), default=0)
    gone_in_a_row = models.PositiveSmallIntegerField(_("checks in a row that found it gone"), default=0)
    # The first of these checks: when it was gone, as far as anybody knows.
    gone_at = models.DateTimeField(_("found gone at"), null=True, blank=True)
    checked_at = models.DateTimeField(_("last checked at"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("escalated at"), null=True, blank=True)
    # When the machine looks at it again; none once it is over. What waits for people is found by other columns.
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects: ClassVar[models.Manager["Chase"]] = ChaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("chase")
        verbose_name_plural = _("chases")
        default_permissions = ()
        indexes = [
            models.Index(fields=["due_at", "id"], name="chase_due", condition=Q(ended_at=None)),
            # What waits for people, each in the order of its list.
            models.Index(fields=["since", "id"], name="chase_untraced", condition=Q(ended_at=None, trace=0)),
            models.Index(
                fields=["traced_at", "id"],
                name="chase_unrouted",
                condition=Q(ended_at=None, trace__gt=0, routed_trace=None),
            ),
            models.Index(
                fields=["traced_at", "id"],
                name="chase_moved",
                condition=Q(ended_at=None, routed_trace__isnull=False) & ~Q(routed_trace=F("trace")),
            ),
            models.Index(SEEN, "id", name="chase_seen", condition=Q(ended_at=None)),
            models.Index(TOLD, "id", name="chase_told", condition=Q(ended_at=None, noticed_at__isnull=False)),
            models.Index(fields=["provider", "-noticed_at"], name="chase_of_provider"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["incident", "round"], name="chase_once_a_round"),
            models.UniqueConstraint(fields=["incident"], condition=Q(ended_at=None), name="chase_one_at_a_time"),
            models.CheckConstraint(
                condition=Q(trace=0, traced_at__isnull=True) | Q(trace__gt=0, traced_at__isnull=False),
                name="chase_traced_at_some_time",
            ),
            models.CheckConstraint(
                condition=Q(gone_in_a_row=0, gone_at__isnull=True) | Q(gone_in_a_row__gt=0, gone_at__isnull=False),
                name="chase_gone_at_some_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]

    @property
    def has_moved(self) -> bool:
        """Its latest traces agree on another place than the one its route was confirmed for."""
        return self.routed_trace is not None and self.routed_trace != self.trace

    @property
    def is_gone(self) -> bool:
        """It ended as enough looks in a row found it gone; one that no others confirmed tells of no removal."""
        return self.ended_at is not None and self.gone_in_a_row >= settings.GONE_CHECKS
