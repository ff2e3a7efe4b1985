"""Single sentences of a report that two people release to a verified recipient."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from analysts.models.incident import Incident
from analysts.models.recipient import Recipient
from analysts.models.report import Report
from analysts.models.staff.user import User
from reports.models import SealingKey


class ReleaseGround(models.TextChoices):
    """Why words may be released. Coded, so that it cannot hold them."""

    PORTAL = "portal", _("the portal’s privacy page and form say so")
    # A documented decision in imminent danger to life.
    THREAT = "threat", _("danger to life: a person is threatened with death or serious harm")
    SELF_HARM = "self_harm", _("danger to life: a person may take their own life")
    MEDICAL = "medical", _("danger to life: a child needs medical help at once")
    MISSING = "missing", _("danger to life: a missing child is in the hands of an offender")


class WordsReleaseQuerySet(models.QuerySet["WordsRelease"]):
    def released_to(self, recipient: Recipient) -> Self:
        """The sentences that two people released to the recipient, the oldest first, without those erased since."""
        return self.filter(to=recipient, is_released=True).exclude(sealed=b"").order_by("decided_at", "pk")

    def visible_to(self, user: User) -> Self:
        return self.filter(report__portal__in=user.portal_ids)


class WordsRelease(models.Model):
    """One sentence for one recipient. A trigger refuses one that the portal did not announce before the report."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="words_releases", db_index=False)
    report = models.ForeignKey(Report, models.PROTECT, related_name="words_releases")
    to = models.ForeignKey(Recipient, models.PROTECT, related_name="+", db_index=False)
    ground = models.CharField(_("ground"), max_length=12, choices=ReleaseGround)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    is_released = models.BooleanField(_("released"), default=False)
    key = models.ForeignKey(SealingKey, models.PROTECT, related_name="+", db_index=False)
    # {"text": ...} under a `words` key; empty once the report's words are erased.
    sealed = models.BinaryField(default=b"")

    objects: ClassVar[models.Manager["WordsRelease"]] = WordsReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("release of words")
        verbose_name_plural = _("releases of words")
        default_permissions = ()
        indexes = [
            models.Index(fields=["incident", "at"], name="words_release_of_incident"),
            models.Index(fields=["key", "id"], name="words_release_readable", condition=~Q(sealed=b"")),
            models.Index(fields=["to", "decided_at"], name="words_released_to", condition=Q(is_released=True)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ground__in=ReleaseGround.values), name="words_release_ground_known"),
            models.CheckConstraint(
                condition=Q(decided_by=None, decided_at=None, is_released=False)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="words_release_decided_by_person",
            ),
            models.CheckConstraint(
                condition=Q(is_released=False) | ~Q(decided_by=F("by")), name="words_release_by_two_people"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)[:8]
