"""Hosting traces, availability checks and chases of incidents."""

import uuid
from datetime import datetime
from functools import reduce
from operator import or_
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from analysts.models.incident import Incident
from analysts.models.recipient import Recipient
from analysts.models.staff.user import User
from countries.decided_settings import number_in_force
from reports.models import SealingKey


class TraceMethod(models.TextChoices):
    """The source of a trace: the isolated workstation or an offline file. This server never makes such requests."""

    DNS = "dns", _("DNS look-up")
    WHOIS_ADDRESS = "whois_address", _("IP address registry (WHOIS, RDAP)")
    WHOIS_DOMAIN = "whois_domain", _("domain registry (WHOIS, RDAP)")
    ROUTE = "route", _("route (traceroute)")
    BGP = "bgp", _("routing tables (BGP)")
    HEADERS = "headers", _("server headers")
    CERTIFICATE = "certificate", _("certificate")
    PASSIVE_DNS = "passive_dns", _("passive DNS")
    FILE = "file", _("offline network file")
    PROVIDER = "provider", _("information from the provider")
    OTHER = "other", _("other (say which)")


class HostingTrace(models.Model):
    """The hosting of an incident according to one method. Never changed: a later trace supersedes it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="traces", db_index=False)
    method = models.CharField(_("method"), max_length=16, choices=TraceMethod)
    country = models.CharField(_("country"), max_length=2)
    provider = models.ForeignKey(Recipient, models.PROTECT, related_name="+", db_index=False)
    # Such as "AS64496 Example Net".
    network = models.CharField(_("network"), max_length=120, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    # When it was established; `recorded_at`: when it was entered.
    at = models.DateTimeField(_("at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    # The incident of a batch whose result contained it; unique, so that a repeated import adds nothing.
    source = models.UUIDField(_("workstation result"), null=True, blank=True)
    key = models.ForeignKey(SealingKey, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # {"address": ...}: the host's IP address at that time, under an `addresses` key; empty if it was not entered, and
    # after erasure. In clear it would reveal the reported address if the database were stolen.
    sealed = models.BinaryField(default=b"", db_default=b"", blank=True)

    class Meta:
        verbose_name = _("hosting trace")
        verbose_name_plural = _("hosting traces")
        default_permissions = ()
        ordering = ["at", "recorded_at"]
        indexes = [
            models.Index(fields=["incident", "at"], name="trace_of_incident"),
            models.Index(fields=["key", "id"], name="trace_readable", condition=~Q(sealed=b"")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(method__in=TraceMethod.values), name="trace_method_known"),
            models.CheckConstraint(
                condition=~Q(method=TraceMethod.OTHER) | ~Q(note=""),
                name="trace_other_says_which",
                violation_error_message=_("Specify the other method."),
            ),
            models.UniqueConstraint(fields=["source", "method"], condition=Q(source__isnull=False), name="trace_once"),
            models.CheckConstraint(condition=Q(sealed=b"") | Q(key__isnull=False), name="trace_sealed_has_key"),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]


class CheckOutcome(models.TextChoices):
    ONLINE = "online", _("online")
    GONE = "gone", _("removed")
    UNCLEAR = "unclear", _("unclear")


class AvailabilityCheck(models.Model):
    """A check by a person on the isolated workstation. This server never requests the address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="checks", db_index=False)
    outcome = models.CharField(_("outcome"), max_length=8, choices=CheckOutcome)
    # The time by which it counts: that of the signed workstation result, otherwise `recorded_at`.
    at = models.DateTimeField(_("at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    # The earlier time that its author typed; a remark that counts for nothing.
    stated_at = models.DateTimeField(_("stated time"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    source = models.UUIDField(_("workstation result"), null=True, blank=True)

    class Meta:
        verbose_name = _("availability check")
        verbose_name_plural = _("availability checks")
        default_permissions = ()
        ordering = ["at", "recorded_at"]
        indexes = [models.Index(fields=["incident", "at"], name="check_of_incident")]
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=CheckOutcome.values), name="check_outcome_known"),
            models.CheckConstraint(
                condition=Q(stated_at=None) | Q(source=None, stated_at__lt=F("recorded_at")),
                name="check_stated_before_recorded",
            ),
            models.UniqueConstraint(fields=["source"], condition=Q(source__isnull=False), name="check_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]

    @property
    def outcome_label(self) -> str:
        """As `get_outcome_display`, which translates all the labels to find one; a page has dozens."""
        return str(CheckOutcome(self.outcome).label)


# Each asks for a check at once: a recipient says that it is removed, a colleague asked, no one has looked yet.
ASKS_FOR_CHECK = ("removal_reported_at", "check_asked_at", "unseen_since")


class ChaseQuerySet(models.QuerySet["Chase"]):
    def open(self) -> Self:
        return self.filter(ended_at=None)

    def visible_to(self, user: User) -> Self:
        """Chases of incidents sighted by a portal the user works for."""
        return self.filter(incident__portals__overlap=user.portal_array)

    def untraced(self) -> Self:
        """Without agreed hosting (three methods), oldest first."""
        return self.open().filter(trace=0).order_by("since", "pk")

    def unseen(self) -> Self:
        """Whose first notices wait for a look at the content; oldest first."""
        return self.open().filter(unseen_since__isnull=False, removed_in_a_row=0).order_by("unseen_since", "pk")

    def unrouted(self) -> Self:
        """With agreed hosting, but without a confirmed route; oldest first."""
        return self.open().filter(trace__gt=0, routed_trace=None).order_by("traced_at", "pk")

    def moved(self) -> Self:
        """With agreed hosting other than the one their route was confirmed for; oldest first."""
        return self.open().filter(MOVED).order_by("traced_at", "pk")

    def not_seen_since(self, moment: datetime) -> Self:
        """Not checked since `moment`. Without a check, the time of the first notice counts, or else of the verdict."""
        return self.open().annotate(seen=SEEN).filter(seen__lte=moment).order_by("seen", "pk")

    def to_check(self, seen_until: datetime) -> Self:
        """Asked for a check, or not checked since `seen_until`, as `chasing.rules.check_wanted_at` says of one."""
        is_asked = reduce(or_, (Q(**{f"{name}__isnull": False}) for name in ASKS_FOR_CHECK))
        return self.open().annotate(seen=SEEN).filter(Q(seen__lte=seen_until) | is_asked)

    def reported_removed(self) -> Self:
        """Reported as removed by a recipient and not checked since; oldest first."""
        return self.open().filter(removal_reported_at__isnull=False).order_by("removal_reported_at", "pk")

    def not_notified_since(self, moment: datetime) -> Self:
        """Notified, not found removed, hosted where the route says, and not escalated since `moment`."""
        noticed = self.filter(ESCALATES, ended_at=None)
        return noticed.annotate(notified=NOTIFIED).filter(notified__lte=moment).order_by("notified", "pk")


# The indexes have these expressions and conditions too.
SEEN = Coalesce("checked_at", "noticed_at", "since")
NOTIFIED = Coalesce("escalated_at", "noticed_at")
MOVED = Q(routed_trace__isnull=False) & ~Q(routed_trace=F("trace"))
ESCALATES = Q(noticed_at__isnull=False, removed_in_a_row=0) & ~MOVED


class Chase(models.Model):
    """The takedown status of one illegal incident, from the verdict until removal: one row per incident and round.

    It holds the agreed hosting, the consecutive checks that found the content removed, and the next due time. All of it
    is derived from traces, notices and checks, and stored so that a run only reads the rows that are due.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="chases", db_index=False)
    round = models.PositiveSmallIntegerField(_("round"))
    # The time of the verdict.
    since = models.DateTimeField(_("since"))
    # When first notices began to wait for a look at the content; None once one is on record (`facts.looks`).
    unseen_since = models.DateTimeField(_("waits for a look since"), null=True, blank=True)
    # The latest agreed hosting; `trace` counts how often it has changed.
    country = models.CharField(_("country"), max_length=2, blank=True)
    provider = models.ForeignKey(Recipient, models.PROTECT, null=True, blank=True, related_name="+")
    network = models.CharField(_("network"), max_length=120, blank=True)
    traced_at = models.DateTimeField(_("traced at"), null=True, blank=True)
    trace = models.PositiveSmallIntegerField(_("trace number"), default=0)
    # `trace` at the time the route was confirmed. If `trace` has changed since, a person must confirm the route again.
    routed_trace = models.PositiveSmallIntegerField(_("trace number of the route"), null=True, blank=True)
    # When the first notice of the round was sent. Time to removal runs from here.
    noticed_at = models.DateTimeField(_("first notice at"), null=True, blank=True)
    # The time since `noticed_at` is divided into intervals; this is the last one whose steps were taken.
    interval = models.PositiveIntegerField(_("interval"), default=0)
    removed_in_a_row = models.PositiveSmallIntegerField(_("consecutive checks that found it removed"), default=0)
    # The first of these checks, which counts as the time of removal.
    removed_at = models.DateTimeField(_("removed since"), null=True, blank=True)
    checked_at = models.DateTimeField(_("last checked at"), null=True, blank=True)
    # When a recipient replied that it is removed, until the next check: that check is due at once.
    removal_reported_at = models.DateTimeField(_("reported as removed at"), null=True, blank=True)
    # When an analyst asked the isolated workstation for a check, until the next one: the next file asks for it.
    check_asked_at = models.DateTimeField(_("check asked for at"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("escalated at"), null=True, blank=True)
    # When the next run handles it; None once it has ended. Work for people is found by other columns.
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects: ClassVar[models.Manager["Chase"]] = ChaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("chase")
        verbose_name_plural = _("chases")
        default_permissions = ()
        indexes = [
            models.Index(fields=["due_at", "id"], name="chase_due", condition=Q(ended_at=None)),
            # Work for people, each index in the order of its list.
            models.Index(
                fields=["unseen_since", "id"],
                name="chase_unseen",
                condition=Q(ended_at=None, unseen_since__isnull=False),
            ),
            models.Index(fields=["since", "id"], name="chase_untraced", condition=Q(ended_at=None, trace=0)),
            models.Index(
                fields=["traced_at", "id"],
                name="chase_unrouted",
                condition=Q(ended_at=None, trace__gt=0, routed_trace=None),
            ),
            models.Index(
                fields=["traced_at", "id"],
                name="chase_moved",
                condition=Q(ended_at=None) & MOVED,
            ),
            models.Index(SEEN, "id", name="chase_seen", condition=Q(ended_at=None)),
            models.Index(
                fields=["removal_reported_at", "id"],
                name="chase_reported_removed",
                condition=Q(ended_at=None, removal_reported_at__isnull=False),
            ),
            # Without the rows that it would pass: PostgreSQL expects few, and would sort all open takedowns.
            models.Index(NOTIFIED, "id", name="chase_escalates", condition=Q(ended_at=None) & ESCALATES),
            models.Index(fields=["provider", "-noticed_at"], name="chase_of_provider"),
            # Figures of a day.
            models.Index(fields=["ended_at"], name="chase_ended", condition=Q(ended_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["incident", "round"], name="chase_once_a_round"),
            models.UniqueConstraint(fields=["incident"], condition=Q(ended_at=None), name="chase_one_at_a_time"),
            models.CheckConstraint(
                condition=Q(trace=0, traced_at__isnull=True) | Q(trace__gt=0, traced_at__isnull=False),
                name="chase_traced_at_some_time",
            ),
            models.CheckConstraint(
                condition=Q(removed_in_a_row=0, removed_at__isnull=True)
                | Q(removed_in_a_row__gt=0, removed_at__isnull=False),
                name="chase_removed_at_some_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]

    @property
    def has_moved(self) -> bool:
        """Whether the agreed hosting has changed since the route was confirmed."""
        return self.routed_trace is not None and self.routed_trace != self.trace

    @property
    def is_gone(self) -> bool:
        """Whether it ended because GONE_CHECKS consecutive checks found the content removed."""
        return self.ended_at is not None and self.removed_in_a_row >= number_in_force("GONE_CHECKS")
