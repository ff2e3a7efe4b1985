"""The URL list that members block, and the keys with which they fetch it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from analysts.models.assessment import Assessment
from analysts.models.incident import Incident
from reports.models import SealingKey


class UrlListEntry(models.Model):
    """One current or removed entry. Each change sets `version` to the list's next version number."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="url_list_entries", db_index=False)
    # The verdict it follows from. Content that re-appears gets a new entry.
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="+", db_index=False)
    # The version of its latest change. Members ask for entries above the version they have.
    version = models.PositiveBigIntegerField(_("version"))
    added_on = models.DateField(_("added on"))
    removed_on = models.DateField(_("removed on"), null=True, blank=True)
    # When a person next checks that it still belongs on the list.
    review_on = models.DateField(_("review due on"))
    key = models.ForeignKey(SealingKey, models.PROTECT, related_name="+", db_index=False)
    # {"address": ...} under an `addresses` key; empty once it is erased.
    sealed = models.BinaryField(default=b"")

    class Meta:
        verbose_name = _("URL list entry")
        verbose_name_plural = _("URL list entries")
        default_permissions = ()
        indexes = [
            # For the current list, without removed entries.
            models.Index(fields=["version"], name="url_list_live", condition=Q(removed_on=None)),
            models.Index(fields=["incident", "version"], name="url_list_of_incident"),
            models.Index(fields=["review_on", "id"], name="url_list_review", condition=Q(removed_on=None)),
            models.Index(fields=["key", "id"], name="url_list_readable", condition=~Q(sealed=b"")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["incident"], condition=Q(removed_on=None), name="url_list_once"),
            # No two changes share a version, so that a member who asks by version misses none.
            models.UniqueConstraint(fields=["version"], name="url_list_version_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]


class UrlListState(models.Model):
    """The single row that assigns version numbers. Every change of the list locks it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.PositiveBigIntegerField(_("version"), default=0)

    class Meta:
        verbose_name = _("URL list state")
        verbose_name_plural = _("URL list states")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(id=1), name="url_list_state_one_row")]

    def __str__(self) -> str:
        return str(self.version)


class FeedScope(models.TextChoices):
    ADDRESSES = "addresses", _("addresses")
    HASHES = "hashes", _("hashes only")


class MemberKey(models.Model):
    """A key with which a member's system fetches the list. It is shown once; only its hash is stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.CharField(_("member"), max_length=120)
    # The first characters of the key, for recognition.
    prefix = models.CharField(_("begins with"), max_length=12, unique=True)
    digest = models.BinaryField(_("hash of the key"), max_length=32)
    scope = models.CharField(_("scope"), max_length=10, choices=FeedScope, default=FeedScope.HASHES)
    expires_on = models.DateField(_("valid until"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("at"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    used_on = models.DateField(_("last used on"), null=True, blank=True)
    # The hour of its latest downloads, and how many of each type there were in it.
    hour = models.DateTimeField(_("hour"), null=True, blank=True)
    full_lists = models.PositiveIntegerField(_("full lists in the hour"), default=0)
    pages = models.PositiveIntegerField(_("pages of changes in the hour"), default=0)

    class Meta:
        verbose_name = _("member key")
        verbose_name_plural = _("member keys")
        default_permissions = ()
        ordering = ["member", F("closed_on").asc(nulls_first=True), "-at"]
        constraints = [
            models.CheckConstraint(condition=Q(scope__in=FeedScope.values), name="member_key_scope_known"),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True, closed_by__isnull=True)
                | Q(closed_on__isnull=False, closed_by__isnull=False),
                name="member_key_closed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} ({self.prefix})"
