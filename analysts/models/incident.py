"""Incidents: one reported address, or the words of a report without one, and its state."""

import uuid
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from analysts.codes import Closing, ContentWarning, IncidentKind, ReviewStage, Severity
from analysts.models.figures.rollup import RECORD_KEY
from analysts.models.incident_queries import LOWEST, WARNED_OF, IncidentQuerySet
from analysts.models.staff.user import User
from analysts.states import State
from reports.addresses import AddressKind
from reports.models import SealingKey, WholeHour

if TYPE_CHECKING:
    from analysts.models.hold import Hold
    from analysts.models.hosting import Chase
    from analysts.models.next_step import NextStep
    from analysts.models.routing import Route


# Incidents that can have an open takedown: illegal, or reopened during it.
IN_TAKEDOWN = Q(state__in=[State.ASSESSED, State.ACTING]) | Q(state__in=[State.WAITING, State.CLAIMED], round__gt=1)


class Incident(models.Model):
    """One normalised address (sealed, found by keyed fingerprint), one account on an app, or the words of one report.

    An account is words with a key: `kind` WORDS, `address_kind` ACCOUNT.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=IncidentKind)
    address_kind = models.CharField(_("kind of address"), max_length=8, choices=AddressKind, blank=True)
    # HMAC of the key of the address or account, or of the receipt id for other words. The next two: of site and host,
    # empty if there is none.
    fingerprint = models.BinaryField(max_length=32, unique=True)
    site_fingerprint = models.BinaryField(max_length=32, default=b"", blank=True)
    host_fingerprint = models.BinaryField(max_length=32, default=b"", blank=True)
    # HMAC of the pattern of its first report (`analysts.assessment.flood.folding`); empty if unreadable.
    shape = models.BinaryField(max_length=32, default=b"", blank=True)
    # For an incident in a flood: its `shape`, or the `flood` of the `FloodFolding` by hand; otherwise empty.
    flood = models.BinaryField(max_length=32, default=b"", blank=True)
    key = models.ForeignKey(SealingKey, models.PROTECT, null=True, related_name="+", db_index=False)
    # {"normalised": ..., "reported": ...} under an `addresses` key; empty for words, and once it is erased.
    sealed_address = models.BinaryField(default=b"", blank=True)
    # The masked address under the key of masks beside `key`; empty without an address, and until it is sealed.
    sealed_mask = models.BinaryField(default=b"", db_default=b"", blank=True)

    record_key = models.PositiveSmallIntegerField(_("record key"), null=True, editable=False, db_default=RECORD_KEY)
    # The portals of its sightings. After creation, only a database trigger changes it.
    portals = ArrayField(models.BigIntegerField(), verbose_name=_("portals"), default=list, editable=False)
    # The languages of its reports by portal, as `portal_language` writes them. After creation, only that trigger, too.
    portal_languages = ArrayField(
        models.CharField(max_length=32), verbose_name=_("languages by portal"), default=list, editable=False
    )

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    priority = models.PositiveSmallIntegerField(_("priority"), default=1)
    priority_reasons = ArrayField(
        models.CharField(max_length=24), verbose_name=_("reasons of the priority"), default=list, blank=True
    )
    # Also set for incidents in a flood; only the first few of those leave it for this reason (`floods.is_believed`).
    child_in_danger = models.BooleanField(_("child in danger now"), default=False)
    first_sighted = models.DateTimeField(_("first sighted (hour)"))
    last_sighted = models.DateTimeField(_("last sighted (hour)"))
    # The hour of the first sighting or of the reopening.
    waiting_since = models.DateTimeField(_("waiting since (hour)"))

    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="claims"
    )
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    # Incremented by each claim. A late save by an earlier holder has an old number and is refused.
    fence = models.PositiveIntegerField(_("claim number"), default=0)
    # The open batch that the claim belongs to: it ends with the batch, and nothing extends it.
    batch = models.ForeignKey(
        "analysts.Batch", models.PROTECT, null=True, blank=True, related_name="claims", db_index=False
    )

    # Incremented by each reopening; `look` is the review stage within the round.
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    stage = models.CharField(_("review stage"), max_length=6, choices=ReviewStage, default=ReviewStage.FIRST)
    # Copied from the current assessment, so that one index answers what to expect of a site.
    severity = models.CharField(_("severity"), max_length=1, choices=Severity, blank=True)
    notices = ArrayField(
        models.CharField(max_length=8, choices=ContentWarning),
        verbose_name=_("content warnings"),
        default=list,
        blank=True,
    )
    # An assessment in force says that unrelated people put content on its site (`SiteType.is_free_host`).
    is_on_free_host = models.BooleanField(_("on a free host"), default=False, db_default=False)
    # The incident that has its reports since the merge.
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    # Whether an analyst opened its address, or compared it with that of `merged_into`. None unless it is merged, and
    # for merges from before this was asked.
    is_compared = models.BooleanField(_("compared"), null=True, blank=True)

    # Verdicts of earlier rounds no longer answer any report: staff reopened the incident because they doubted them.
    answers_from = models.PositiveSmallIntegerField(_("verdicts count from round"), default=1)
    # When it is reopened for a report that came after its verdict, too soon after the last reopening.
    reopens_at = models.DateTimeField(_("reopens at"), null=True, blank=True)
    # The state shown to its receipts has changed since the last batch.
    unpublished = models.BooleanField(_("not yet published"), default=False)

    closing = models.CharField(_("closed as"), max_length=12, choices=Closing, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    objects: ClassVar[models.Manager["Incident"]] = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        default_permissions = ()
        indexes = [
            models.Index(
                F("priority").desc(),
                "waiting_since",
                "id",
                name="incident_queue",
                condition=Q(state=State.WAITING),
            ),
            # For users with a small share of a long queue; others use `incident_queue`.
            GinIndex(fields=["portals"], name="incident_portals", condition=~Q(state=State.CLOSED)),
            # For one language, which may be rare.
            GinIndex(fields=["portal_languages"], name="incident_languages", condition=~Q(state=State.CLOSED)),
            # For users with a small share of the open takedowns.
            GinIndex(
                fields=["portals"],
                name="incident_acting_portals",
                condition=Q(state__in=[State.ASSESSED, State.ACTING]),
            ),
            models.Index(fields=["claimed_by"], name="incident_claims", condition=Q(state=State.CLAIMED)),
            models.Index(fields=["claimed_until"], name="incident_leases", condition=Q(state=State.CLAIMED)),
            models.Index(fields=["batch"], name="incident_batch", condition=Q(batch__isnull=False)),
            models.Index(fields=["site_fingerprint", "-last_sighted"], name="incident_site"),
            models.Index(fields=["key", "id"], name="incident_readable", condition=~Q(sealed_address=b"")),
            # Empty once the addresses from before there were masks have theirs.
            models.Index(
                fields=["key"], name="incident_unmasked", condition=Q(sealed_mask=b"") & ~Q(sealed_address=b"")
            ),
            models.Index(
                F("priority").desc(),
                "waiting_since",
                "id",
                name="incident_danger",
                condition=Q(child_in_danger=True, state__in=[State.WAITING, State.CLAIMED]),
            ),
            models.Index(fields=["shape", "-first_sighted"], name="incident_shape"),
            models.Index(
                fields=["flood", "waiting_since", "id"],
                # Allows an index-only count of members.
                include=["portals", "portal_languages"],
                name="incident_members",
                condition=Q(state=State.WAITING, priority=LOWEST),
            ),
            models.Index(
                fields=["flood", "waiting_since", "id"],
                name="incident_flood_danger",
                condition=Q(state=State.WAITING, priority=LOWEST, child_in_danger=True),
            ),
            models.Index(
                fields=["site_fingerprint"],
                name="incident_folded_site",
                condition=Q(state__in=[State.WAITING, State.CLAIMED], priority=LOWEST) & ~Q(site_fingerprint=b""),
            ),
            # The open takedowns among them are those of illegal sites.
            models.Index(
                fields=["site_fingerprint"],
                name="incident_reopened_site",
                condition=Q(state__in=[State.WAITING, State.CLAIMED], round__gt=1) & ~Q(site_fingerprint=b""),
            ),
            # The takedowns of one host that may be open.
            models.Index(
                fields=["host_fingerprint"],
                name="incident_takedowns_of_host",
                condition=IN_TAKEDOWN & ~Q(host_fingerprint=b""),
            ),
            # One index lookup finds the content warnings of a site or host.
            models.Index(
                WARNED_OF,
                F("last_sighted").desc(),
                name="incident_warned_of",
                condition=~Q(notices=[]) & ~Q(site_fingerprint=b""),
            ),
            models.Index(
                fields=["site_fingerprint"],
                name="incident_illegal",
                condition=~Q(severity="") & ~Q(site_fingerprint=b""),
            ),
            models.Index(fields=["merged_into"], name="incident_merged", condition=Q(merged_into__isnull=False)),
            # Figures of a day.
            models.Index(fields=["closed_on"], name="incident_merged_on", condition=Q(merged_into__isnull=False)),
            models.Index(fields=["id"], name="incident_unpublished", condition=Q(unpublished=True)),
            models.Index(fields=["reopens_at", "id"], name="incident_reopens", condition=Q(reopens_at__isnull=False)),
            models.Index(
                fields=["-last_sighted"],
                name="incident_acting",
                condition=Q(state__in=[State.ASSESSED, State.ACTING]),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="incident_state_known"),
            models.CheckConstraint(condition=Q(priority__lte=10), name="incident_priority_0_to_10"),
            models.CheckConstraint(
                condition=Q(flood=b"", priority__gt=LOWEST) | (~Q(flood=b"") & Q(priority=LOWEST)),
                name="incident_flood_is_lowest",
            ),
            models.CheckConstraint(
                condition=Q(state=State.CLAIMED, claimed_by__isnull=False, claimed_until__isnull=False)
                | (~Q(state=State.CLAIMED) & Q(claimed_by__isnull=True, claimed_until__isnull=True)),
                name="incident_claimed_has_holder",
            ),
            models.CheckConstraint(
                condition=Q(batch=None) | Q(state=State.CLAIMED), name="incident_batch_while_claimed"
            ),
            models.CheckConstraint(
                condition=Q(batch=None) | Q(child_in_danger=False), name="incident_batch_without_danger"
            ),
            models.CheckConstraint(
                condition=Q(state=State.CLOSED, closing__in=Closing.values, closed_on__isnull=False)
                | (~Q(state=State.CLOSED) & Q(closing="", closed_on__isnull=True)),
                name="incident_closed_has_closing",
            ),
            models.CheckConstraint(
                condition=Q(closing=Closing.MERGED, merged_into__isnull=False)
                | (~Q(closing=Closing.MERGED) & Q(merged_into__isnull=True)),
                name="incident_merged_into_another",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="incident_not_merged_into_itself"),
            models.CheckConstraint(
                condition=Q(is_compared=None) | Q(closing=Closing.MERGED), name="incident_compared_is_merged"
            ),
            models.CheckConstraint(condition=Q(stage__in=ReviewStage.values), name="incident_stage_known"),
            models.CheckConstraint(condition=Q(round__gte=1), name="incident_round_from_one"),
            models.CheckConstraint(condition=Q(answers_from__lte=F("round")), name="incident_answers_from_known_round"),
            models.CheckConstraint(
                condition=Q(kind=IncidentKind.WORDS, key__isnull=True)
                | Q(kind=IncidentKind.ADDRESS, key__isnull=False),
                name="incident_address_is_sealed",
            ),
            # Erased together.
            models.CheckConstraint(
                condition=Q(sealed_mask=b"") | ~Q(sealed_address=b""), name="incident_mask_has_address"
            ),
            models.CheckConstraint(
                condition=Q(WholeHour("first_sighted"), WholeHour("last_sighted"), WholeHour("waiting_since")),
                name="incident_whole_hours",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]

    def get_state_display(self) -> str:  # type: ignore[no-redef] # in place of Django's
        """As Django's, which translates all choices to find one: lists show it in every row."""
        return str(State(self.state).label)

    @property
    def is_open_to_review(self) -> bool:
        """Whether it is waiting or claimed, so an assessment is due."""
        return self.state in (State.WAITING, State.CLAIMED)

    def is_held_by(self, user: User) -> bool:
        """Whether the user has claimed it. An expired claim counts until it is ended."""
        return self.state == State.CLAIMED and self.claimed_by_id == user.pk

    @cached_property
    def open_hold(self) -> "Hold | None":
        """The open legal hold, or None. Queries the database once per instance."""
        return self.holds.filter(released_at=None).select_related("by").first()

    @cached_property
    def has_systemic_case(self) -> bool:
        """Whether a systemic case of it waits for an answer. Queries the database once per instance."""
        return self.systemic_cases.filter(answer="").exists()

    @cached_property
    def has_several_reports(self) -> bool:
        """Whether more than one report names it. Queries the database once per instance."""
        return self.sightings.all()[:2].count() > 1

    @cached_property
    def known_chases(self) -> "list[Chase]":
        """All of its chases, the earliest first. Queries the database once per instance."""
        if self.round == 1 and self.is_open_to_review:
            # A chase begins with a verdict.
            return []
        return list(self.chases.select_related("provider").order_by("since"))

    @property
    def known_open_chase(self) -> "Chase | None":
        """The chase that has not ended, of `known_chases`."""
        return next((chase for chase in self.known_chases if chase.ended_at is None), None)

    @cached_property
    def known_next_step(self) -> "NextStep | None":
        """Its stored next step, with the persons; None if it is not open and illegal. One query per instance."""
        from analysts.models.next_step import NextStep  # noqa: PLC0415 - NextStep points here

        is_open = self.state in (State.ASSESSED, State.ACTING)
        if not is_open and self.known_open_chase is None:
            return None
        return NextStep.objects.select_related("owner", "set_by").filter(pk=self.pk).first()

    @cached_property
    def latest_route(self) -> "Route | None":
        """The route that was confirmed last. Queries the database once per instance."""
        return self.routes.select_related("by").order_by("-at").first()

    @property
    def erased_on(self) -> date | None:
        """When its address was erased, or None. Reads the `key` row, which lists select with the incident."""
        return self.key.destroyed_on if self.key else None
