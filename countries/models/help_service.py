"""Help services: organisations that help people in many countries, shown beside a portal's own contacts."""

from dataclasses import dataclass

from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from countries.choices import RowChoices
from countries.models.addresses import WEB_ADDRESS
from countries.models.verification import VerifiedModel


@dataclass(frozen=True, slots=True)
class ServiceKindRow:
    """All properties of a kind of help service except its code and label."""

    # Shown to the public below the name of the service.
    purpose: Promise


class ServiceKind(RowChoices):
    """Kinds of help services, in the order in which pages list them."""

    row: ServiceKindRow

    PICTURES = (
        "pictures",
        ServiceKindRow(_("Helps stop pictures of you spreading.")),
        _("pictures of oneself"),
    )
    CHILD_HELPLINES = (
        "child_helplines",
        ServiceKindRow(_("Finds the helpline for children in your country.")),
        _("child helplines by country"),
    )
    LISTENING = (
        "listening",
        ServiceKindRow(_("Finds people in your country who listen to you.")),
        _("emotional support by country"),
    )
    THOUGHTS = (
        "thoughts",
        ServiceKindRow(_("Helps people who are worried about their own thoughts. You do not have to give your name.")),
        _("worry about one's own thoughts"),
    )


class HelpService(VerifiedModel):
    """One service of the network's catalogue, for all portals. The public sees verified services only.

    A verified service changes only by an approval request of two operators (`contacts.service_approvals`).
    """

    VERIFIED = ("kind", "name", "phone", "website", "countries", "min_age", "max_age", "languages")

    key = models.SlugField(_("key"), max_length=40, unique=True, help_text=_("A short name that never changes."))
    kind = models.CharField(_("kind"), max_length=16, choices=ServiceKind)
    name = models.CharField(_("name"), max_length=120)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    website = models.URLField(_("web site"), blank=True, validators=[WEB_ADDRESS])
    countries = models.CharField(
        _("countries"),
        max_length=200,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{2}( [A-Z]{2})*$", _("Codes of ISO 3166-1 with a space between them."))],
        help_text=_("ISO 3166-1 alpha-2, such as “GB IE”; empty if the service helps people in any country."),
    )
    min_age = models.PositiveSmallIntegerField(
        _("youngest age"), null=True, blank=True, validators=[MaxValueValidator(120)], help_text=_("In years.")
    )
    max_age = models.PositiveSmallIntegerField(
        _("oldest age"), null=True, blank=True, validators=[MaxValueValidator(120)], help_text=_("In years.")
    )
    languages = models.CharField(
        _("languages"),
        max_length=200,
        blank=True,
        validators=[
            RegexValidator(
                r"^[a-z]{2,3}(-[a-z0-9]{2,8})*( [a-z]{2,3}(-[a-z0-9]{2,8})*)*$",
                _("Language tags with a space between them."),
            )
        ],
        help_text=_("CLDR tags, such as “en es”; empty if the service answers in many languages."),
    )
    source = models.CharField(_("source"), max_length=300, blank=True, help_text=_("Where these details were found."))
    verified_on = models.DateField(_("verified on"), null=True, blank=True)
    verified_by = models.CharField(_("verified by"), max_length=100, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("help service")
        verbose_name_plural = _("help services")
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ServiceKind.values), name="help_service_kind_known"),
            models.CheckConstraint(
                condition=Q(phone__length__gt=0) | Q(website__length__gt=0),
                name="help_service_reachable",
                violation_error_message=_("Enter a telephone number or a web site."),
            ),
            models.CheckConstraint(
                condition=Q(min_age=None) | Q(max_age=None) | Q(min_age__lte=F("max_age")),
                name="help_service_ages_in_order",
                violation_error_message=_("The youngest age is above the oldest one."),
            ),
            models.CheckConstraint(
                condition=Q(verified_on=None, verified_by="")
                | Q(verified_on__isnull=False, verified_by__length__gt=0, source__length__gt=0),
                name="help_service_verified_with_name_and_source",
                violation_error_message=_("A verified service needs the verifier, the day and a source."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def helps_in(self, country: str) -> bool:
        """Whether it helps people in the country: ISO 3166-1, "" for a portal of several."""
        return not self.countries or country in self.countries.split()
