"""The list of live addresses that members block, and who may fetch it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from analysts.models.assessment import Assessment
from analysts.models.incident import Incident
from reports.models import SealingKey


class UrlListEntry(models.Model):
    """One address on the list, or one that was on it. Each change gives it the list's next version number."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="url_list_entries", db_index=False)
    # The verdict it follows from: what re-appears is listed anew.
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="+", db_index=False)
    # Of its latest change: a member who has all up to here asks for what is above.
    version = models.PositiveBigIntegerField(_("version"))
    added_on = models.DateField(_("added on"))
    removed_on = models.DateField(_("removed on"), null=True, blank=True)
    # A person makes sure that it still belongs there.
    review_on = models.DateField(_("to be reviewed on"))
    key = models.ForeignKey(SealingKey, models.PROTECT, related_name="+", db_index=False)
    # {"address": ...} under an `addresses` key; empty once it is erased.
    sealed = models.BinaryField(default=b"")

    class Meta:
        verbose_name = _("entry of the URL list")
        verbose_name_plural = _("entries of the URL list")
        default_permissions = ()
        indexes = [
            # The whole list, without what was ever on it.
            models.Index(fields=["version"], name="url_list_live", condition=Q(removed_on=None)),
            models.Index(fields=["incident", "version"], name="url_list_of_incident"),
            models.Index(fields=["review_on", "id"], name="url_list_review", condition=Q(removed_on=None)),
            models.Index(fields=["key", "id"], name="url_list_readable", condition=~Q(sealed=b"")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["incident"], condition=Q(removed_on=None), name="url_list_once"),
            # Whoever has all up to a version misses nothing: no two changes share one.
            models.UniqueConstraint(fields=["version"], name="url_list_version_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]


class UrlListState(models.Model):
    """The one row that hands out version numbers: whoever changes the list locks it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.PositiveBigIntegerField(_("version"), default=0)

    class Meta:
        verbose_name = _("state of the URL list")
        verbose_name_plural = _("states of the URL list")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(id=1), name="url_list_state_one_row")]

    def __str__(self) -> str:
        return str(self.version)


class FeedScope(models.TextChoices):
    ADDRESSES = "addresses", _("addresses")
    HASHES = "hashes", _("hashes only")


class MemberKey(models.Model):
    """A key with which a member's system fetches the list. Shown once; only a hash of it is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.CharField(_("member"), max_length=120)
    # The first characters, so that people can tell their keys apart.
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
    # The hour of its latest downloads, and how many of each kind it has had in it.
    hour = models.DateTimeField(_("hour"), null=True, blank=True)
    full_lists = models.PositiveIntegerField(_("full lists in the hour"), default=0)
    pages = models.PositiveIntegerField(_("pages of changes in the hour"), default=0)

    class Meta:
        verbose_name = _("key of a member")
        verbose_name_plural = _("keys of members")
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
