"""Recipients of notices and referrals: hosts, site owners, registrars, platforms, police forces, hotlines."""

import uuid
from collections.abc import Sequence
from datetime import time
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from analysts.codes.recipient_kinds import RecipientKind, kinds_that_are
from countries.models.verification import VerifiedModel

# The name of the unique constraint on type and name.
NAME_CONSTRAINT = "recipient_once"
# The words of a name, as the index `recipient_words` has them.
NAME_WORDS = SearchVector("name", config="simple")


class Channel(models.TextChoices):
    EMAIL = "email", _("e-mail")
    # Each address also as a report for their programs. Only where two people confirmed that it is not forwarded.
    XARF = "xarf", _("e-mail with machine-readable reports (XARF)")
    # The recipient's own web form, into which a member of staff copies the notice.
    LINK = "link", _("their own web form")
    BY_HAND = "by_hand", _("manual: telephone, letter or their own system")

    @property
    def is_mail(self) -> bool:
        """Whether the installation sends the notices itself."""
        return self in (Channel.EMAIL, Channel.XARF)


class ContactSource(models.TextChoices):
    """Where the abuse contact of a provider was found, without asking the reported host."""

    RDAP = "rdap", _("registration data (RDAP)")
    REGISTRY = "registry", _("file of an address registry")
    PROVIDER_SITE = "provider_site", _("the provider’s own site")


class RecipientQuerySet(models.QuerySet["Recipient"]):
    def in_use(self) -> Self:
        return self.filter(closed_on=None)

    def usable(self) -> Self:
        """Recipients in use whose contact details are verified, so that notices can be sent to them."""
        return self.in_use().filter(Recipient.verified())

    def called(self, kind: str, name: str) -> Self:
        """The recipient of this type and name, ignoring case; uses the index of NAME_CONSTRAINT."""
        return self.alias(lower_name=Lower("name")).filter(kind=kind, lower_name=Lower(Value(name)))

    def with_words(self, words: Sequence[str]) -> Self:
        """Recipients whose name has a word that begins with each of these, ignoring case. `words`: word characters."""
        query = " & ".join(f"'{word}':*" for word in words)
        return self.alias(words=NAME_WORDS).filter(words=SearchQuery(query, config="simple", search_type="raw"))


class Recipient(VerifiedModel):
    """An organisation that can act on illegal material, and how to reach it.

    Nothing is sent to it before it is verified. A change of its contact details requires a new verification.
    """

    # Identity and contact details.
    VERIFIED = ("kind", "name", "channel", "email", "form_address", "phone")
    VERIFIED_IF_SET = ("phone",)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=RecipientKind)
    name = models.CharField(_("name"), max_length=120)
    # ISO 3166-1 alpha-2: the country it is based in; for hotlines and police, the country they serve.
    country = models.CharField(_("country"), max_length=2, blank=True)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel, default=Channel.EMAIL)
    email = models.EmailField(_("e-mail"), blank=True)
    # The number on which staff call them back.
    phone = models.CharField(_("telephone"), max_length=40, blank=True, default="", db_default="")
    # Shown to staff as text, never as a link.
    form_address = models.CharField(_("address of the web form"), max_length=300, blank=True)
    defang = models.BooleanField(
        _("wants addresses defanged"), default=False, help_text=_("hxxps://host[.]tld/… instead of https://host.tld/…")
    )
    # In order of preference: the first one with a notice text is used.
    languages = ArrayField(models.CharField(max_length=12), verbose_name=_("languages"), default=list, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=40, default="UTC")
    # Empty hours mean at any time. Workdays: Monday is 0.
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
    # Who entered it or last changed its contact details; None if it came from a trace or the catalogue.
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # When `changed_by` entered or changed them; null if the details came from a trace or the catalogue.
    changed_at = models.DateTimeField(_("changed at"), null=True, blank=True, editable=False)
    # An abuse contact that a trace found, where another one is known: a second person takes it or keeps the known one.
    proposed_email = models.EmailField(_("proposed e-mail"), blank=True, default="", db_default="", editable=False)
    proposed_source = models.CharField(
        _("source"), max_length=300, blank=True, default="", db_default="", editable=False
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        editable=False,
    )
    proposed_at = models.DateTimeField(_("proposed at"), null=True, blank=True, editable=False)
    closed_on = models.DateField(_("not in use since"), null=True, blank=True)
    # The latest alarm that it refuses many notices as not illegal, so that there is one a quarter.
    refusals_alarmed_on = models.DateField(_("alarm about its refusals on"), null=True, blank=True, editable=False)

    objects: ClassVar[models.Manager["Recipient"]] = RecipientQuerySet.as_manager()

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        ordering = ["kind", "name"]
        indexes = [
            models.Index(fields=["country", "kind"], name="recipient_country"),
            GinIndex(NAME_WORDS, name="recipient_words"),
            models.Index(
                fields=["refusals_alarmed_on"],
                name="recipient_alarmed",
                condition=Q(refusals_alarmed_on__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                "kind",
                Lower("name"),
                name=NAME_CONSTRAINT,
                violation_error_message=_("A recipient with this type and name already exists."),
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
                violation_error_message=_("The person who entered a recipient cannot verify it."),
            ),
            models.CheckConstraint(
                condition=Q(verified_on__isnull=True)
                | (Q(channel__in=[Channel.EMAIL, Channel.XARF]) & ~Q(email=""))
                | (Q(channel=Channel.LINK) & ~Q(form_address=""))
                | Q(channel=Channel.BY_HAND),
                name="recipient_verified_is_reachable",
                violation_error_message=_("Enter contact details before verifying the recipient."),
            ),
            models.CheckConstraint(
                condition=Q(works_from__isnull=True, works_until__isnull=True)
                | Q(works_from__isnull=False, works_until__isnull=False, works_from__lt=F("works_until")),
                name="recipient_hours_in_order",
                violation_error_message=_("Working hours must end after they begin, on the same day."),
            ),
            # A report names class and time of a look, which others do not learn.
            models.CheckConstraint(
                condition=~Q(channel=Channel.XARF) | Q(kind__in=kinds_that_are(lambda kind: kind.is_provider)),
                name="recipient_xarf_of_provider",
                violation_error_message=_("Only hosting providers and platforms take machine-readable reports."),
            ),
            models.CheckConstraint(
                condition=Q(proposed_email="", proposed_source="", proposed_by=None, proposed_at=None)
                | ~Q(proposed_email="") & Q(proposed_by__isnull=False, proposed_at__isnull=False),
                name="recipient_proposed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(workdays__contained_by=list(range(7))), name="recipient_workdays_of_a_week"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_usable(self) -> bool:
        """Whether it is verified and in use."""
        return self.closed_on is None and self.is_verified

    @property
    def verified_phone(self) -> str:
        """The number to call them back on; "" without a verified one."""
        return self.phone if self.is_usable else ""

    @property
    def hours(self) -> tuple[time, time] | None:
        """Its working hours in its own time zone; None if it can be reached at any time."""
        if self.works_from is None or self.works_until is None:
            return None
        return self.works_from, self.works_until
