"""Law in letters: grounds and duties by country, and the legal entities that send letters."""

import uuid
from collections.abc import Collection, Mapping
from datetime import date
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analysts.codes import Flag, Severity
from analysts.codes.recipient_kinds import RecipientKind
from countries.languages import nearest_text
from countries.models.verification import VerifiedModel

EU = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV"),
    *("MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
)


class LegalTextKind(models.TextChoices):
    GROUND = "ground", _("legal ground of the content")
    DUTY = "duty", _("duty of the recipient")


class LegalText(VerifiedModel):
    """Law as letters cite it: why content is illegal, or what the recipient's law asks of it.

    Letters use it once a person has checked it; a change ends the check. Empty lists: it applies to all.
    """

    VERIFIED = ("kind", "countries", "severities", "flags", "recipients", "texts")
    MARK = "checked_on"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=6, choices=LegalTextKind)
    # Shipped texts are recognised by it.
    name = models.CharField(_("name"), max_length=120, unique=True)
    countries = ArrayField(models.CharField(max_length=2), verbose_name=_("countries"), default=list, blank=True)
    severities = ArrayField(
        models.CharField(max_length=1, choices=Severity), verbose_name=_("severity"), default=list, blank=True
    )
    flags = ArrayField(models.CharField(max_length=16, choices=Flag), verbose_name=_("flags"), default=list, blank=True)
    recipients = ArrayField(
        models.CharField(max_length=10, choices=RecipientKind),
        verbose_name=_("types of recipient"),
        default=list,
        blank=True,
    )
    # One language a line.
    texts = models.TextField(_("texts"), max_length=10_000, help_text=_("One language a line, such as “en: text”."))
    source = models.CharField(_("source"), max_length=300, blank=True)
    checked_by = models.CharField(
        _("checked by"), max_length=120, blank=True, help_text=_("The function of the person, such as “our lawyer”.")
    )
    checked_on = models.DateField(_("checked on"), null=True, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    objects: ClassVar[models.Manager["LegalText"]] = models.Manager()

    class Meta:
        verbose_name = _("legal text")
        verbose_name_plural = _("legal texts")
        ordering = ["kind", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=LegalTextKind.values,
                    severities__contained_by=Severity.values,
                    flags__contained_by=Flag.values,
                    recipients__contained_by=RecipientKind.values,
                ),
                name="legal_text_codes_known",
            ),
            models.CheckConstraint(
                condition=Q(checked_on=None, checked_by="") | (Q(checked_on__isnull=False) & ~Q(checked_by="")),
                name="legal_text_checked_by_somebody",
                violation_error_message=_("Say who checked it, and on which day."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def by_language(self) -> Mapping[str, str]:
        lines = (line.partition(":") for line in self.texts.splitlines())
        return {language.strip().lower(): text.strip() for language, _colon, text in lines if text.strip()}

    def in_language(self, language: str) -> str:
        """The text in the language, in its main language, or else in English; "" without any."""
        return nearest_text(self.by_language, language, "")

    def applies_to(self, severity: str, flags: Collection[str]) -> bool:
        is_of_flags = not self.flags or not set(self.flags).isdisjoint(flags)
        return is_of_flags and (not self.severities or severity in self.severities)


class SenderIdentity(models.Model):
    """A legal entity that sends letters, and its status as a trusted flagger. Never changed: a new version takes over.

    The status is that of the Digital Services Act, Art. 22. It belongs to an establishment in the EU, not to an
    installation, which can have several entities.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name of the legal entity"), max_length=120)
    version = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    country = models.CharField(_("country"), max_length=2)
    # Ids. Empty: all.
    portals = ArrayField(models.BigIntegerField(), verbose_name=_("portals"), default=list, blank=True)
    coordinator = models.CharField(_("Digital Services Coordinator"), max_length=120, blank=True)
    list_id = models.CharField(_("number in the Commission’s list"), max_length=60, blank=True)
    area = models.CharField(_("area of expertise as awarded"), max_length=300, blank=True)
    awarded_on = models.DateField(_("awarded on"), null=True, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    suspended_from = models.DateField(_("suspended from"), null=True, blank=True)
    suspended_until = models.DateField(_("suspended until"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, editable=False, verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), editable=False)

    objects: ClassVar[models.Manager["SenderIdentity"]] = models.Manager()

    class Meta:
        verbose_name = _("sender")
        verbose_name_plural = _("senders")
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="sender_version"),
            models.CheckConstraint(
                condition=Q(coordinator="", list_id="", area="", awarded_on=None, valid_from=None)
                | (
                    Q(awarded_on__isnull=False, valid_from__isnull=False, country__in=EU)
                    & ~Q(coordinator="")
                    & ~Q(list_id="")
                    & ~Q(area="")
                ),
                name="sender_award_in_full",
                violation_error_message=_(
                    "A trusted flagger is established in the EU, and has a coordinator, a number, an area of expertise,"
                    " and the days of its award and from which it is valid."
                ),
            ),
            models.CheckConstraint(
                condition=(Q(valid_until=None) | Q(valid_until__gte=models.F("valid_from")))
                & (Q(suspended_until=None) | Q(suspended_until__gte=models.F("suspended_from"))),
                name="sender_days_in_order",
                violation_error_message=_("A period must end on or after the day on which it begins."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def has_status_on(self, day: date) -> bool:
        """Whether it is a trusted flagger on that day; each period includes its first and its last day."""
        return _is_within(day, self.valid_from, self.valid_until) and not _is_within(
            day, self.suspended_from, self.suspended_until
        )


def _is_within(day: date, first: date | None, last: date | None) -> bool:
    """Whether the day is in the period; without `first` there is none, without `last` it goes on."""
    return first is not None and first <= day and (last is None or day <= last)
