"""Who is told about illegal material: hosts, owners, registrars, platforms, police forces, hotlines."""

import uuid
from datetime import time
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from analysts.codes.recipient_kinds import RecipientKind

# The name that the database gives its refusal of a second one of the same kind and name.
NAME_CONSTRAINT = "recipient_once"


class Channel(models.TextChoices):
    EMAIL = "email", _("e-mail")
    # A form of theirs: a person of ours copies the notice into it.
    LINK = "link", _("their own web form")
    BY_HAND = "by_hand", _("by hand: telephone, letter, their own system")


class RecipientQuerySet(models.QuerySet["Recipient"]):
    def in_use(self) -> Self:
        return self.filter(closed_on=None)

    def usable(self) -> Self:
        """Those that something may be sent to: somebody has made sure that they are who they should be."""
        return self.in_use().filter(verified_on__isnull=False)

    def called(self, kind: str, name: str) -> Self:
        """The one of that kind and name, whatever its case, found by the index of NAME_CONSTRAINT."""
        return self.alias(lower_name=Lower("name")).filter(kind=kind, lower_name=Lower(Value(name)))


class Recipient(models.Model):
    """One office that can do something about illegal material, and how it wants to be told.

    Nothing is sent to it before somebody has verified it; whoever changes where it is reached has it verified anew.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=RecipientKind)
    name = models.CharField(_("name"), max_length=120)
    # ISO 3166-1 alpha-2: where it is at home; whose hotline or police it is.
    country = models.CharField(_("country"), max_length=2, blank=True)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel, default=Channel.EMAIL)
    email = models.EmailField(_("e-mail"), blank=True)
    # Text for staff, never a link of ours.
    form_address = models.CharField(_("address of their web form"), max_length=300, blank=True)
    defang = models.BooleanField(
        _("wants addresses defanged"), default=False, help_text=_("hxxps://host[.]tld/… instead of https://host.tld/…")
    )
    # The first one there is a template in is used.
    languages = ArrayField(models.CharField(max_length=12), verbose_name=_("languages"), default=list, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=40, default="UTC")
    # Empty hours: at any time. Monday is 0.
    works_from = models.TimeField(_("works from"), null=True, blank=True)
    works_until = models.TimeField(_("works until"), null=True, blank=True)
    workdays = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("workdays"), default=list, blank=True)
    blocked_days = ArrayField(
        models.DateField(),
        verbose_name=_("blocked days"),
        default=list,
        blank=True,
        help_text=_("Days on which nothing is sent to them, such as public holidays."),
    )
    source = models.CharField(_("source"), max_length=300, blank=True, help_text=_("Where these details were found."))
    verified_on = models.DateField(_("verified on"), null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # Who entered it, or last changed where it is reached; nobody where a trace named it or it came with the catalogue.
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    closed_on = models.DateField(_("not used since"), null=True, blank=True)

    objects: ClassVar[models.Manager["Recipient"]] = RecipientQuerySet.as_manager()

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        ordering = ["kind", "name"]
        indexes = [models.Index(fields=["country", "kind"], name="recipient_country")]
        constraints = [
            models.UniqueConstraint(
                "kind",
                Lower("name"),
                name=NAME_CONSTRAINT,
                violation_error_message=_("There is a recipient of this kind and name."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=RecipientKind.values, channel__in=Channel.values), name="recipient_codes_known"
            ),
            models.CheckConstraint(
                condition=Q(verified_on__isnull=True, verified_by__isnull=True)
                | Q(verified_on__isnull=False, verified_by__isnull=False),
                name="recipient_verified_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True) | Q(changed_by__isnull=True) | ~Q(verified_by=F("changed_by")),
                name="recipient_verified_by_another",
                violation_error_message=_("Somebody else than who entered it has to verify it."),
            ),
            models.CheckConstraint(
                condition=Q(verified_on__isnull=True)
                | (Q(channel=Channel.EMAIL) & ~Q(email=""))
                | (Q(channel=Channel.LINK) & ~Q(form_address=""))
                | Q(channel=Channel.BY_HAND),
                name="recipient_verified_is_reachable",
                violation_error_message=_("Say where it is reached before it is verified."),
            ),
            models.CheckConstraint(
                condition=Q(works_from__isnull=True, works_until__isnull=True)
                | Q(works_from__isnull=False, works_until__isnull=False, works_from__lt=F("works_until")),
                name="recipient_hours_in_order",
                violation_error_message=_("Working hours end after they begin, on the same day."),
            ),
            models.CheckConstraint(
                condition=Q(workdays__contained_by=list(range(7))), name="recipient_workdays_of_a_week"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_usable(self) -> bool:
        """Verified, and not given up."""
        return self.verified_on is not None and self.closed_on is None

    @property
    def hours(self) -> tuple[time, time] | None:
        """Its working hours in its own time zone; None: at any time."""
        if self.works_from is None or self.works_until is None:
            return None
        return self.works_from, self.works_until
