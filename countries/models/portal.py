"""The portal of a country or region."""

from datetime import date
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from countries.models.addresses import WEB_ADDRESS, refuse_reserved_slug
from countries.models.picture import Picture

models.CharField.register_lookup(Length)


def test_code() -> str:
    return get_random_string(12, "abcdefghjkmnpqrstuvwxyz23456789")


class Region(models.TextChoices):
    """The continents of the United Nations' M49, by which the network's home page groups portals."""

    AFRICA = "africa", _("Africa")
    AMERICAS = "americas", _("Americas")
    ASIA = "asia", _("Asia")
    EUROPE = "europe", _("Europe")
    OCEANIA = "oceania", _("Oceania")
    WORLD = "world", _("Several countries")


class PortalState(models.TextChoices):
    DRAFT = "draft", _("draft")
    RESTRICTED = "restricted", _("restricted: asks for an access phrase")
    SCHEDULED = "scheduled", _("scheduled")
    LIVE = "live", _("live")
    SUSPENDED = "suspended", _("suspended")
    CLOSED = "closed", _("closed")

    @property
    def visible(self) -> bool:
        """Whether the public gets any page at the portal's address."""
        return self not in (PortalState.DRAFT, PortalState.SCHEDULED)

    @property
    def takes_reports(self) -> bool:
        return self in (PortalState.LIVE, PortalState.RESTRICTED)


class Pattern(models.TextChoices):
    """Patterns below the header, which `public.theme` draws."""

    NONE = "none", _("none")
    CHEVRONS = "chevrons", _("chevrons")
    DIAMONDS = "diamonds", _("diamonds")
    DOTS = "dots", _("dots")
    LATTICE = "lattice", _("lattice")
    SCALES = "scales", _("scales")
    STEPS = "steps", _("steps")
    STRIPES = "stripes", _("stripes")
    WAVES = "waves", _("waves")


class HeaderLayout(models.TextChoices):
    PLAIN = "plain", _("plain: one band of the brand colour")
    SPLIT = "split", _("split: the title on the page's own background, above a band")
    TALL = "tall", _("tall: a band with much of the pattern")


class PortalQuerySet(models.QuerySet["Portal"]):
    def locked(self) -> "PortalQuerySet":
        """Lock the rows until the transaction ends, but not their keys, so that new reports can still refer to them."""
        return self.select_for_update(no_key=True)


def covers_any_country(country: str, region: str) -> bool:
    """Whether a portal is for people of countries without one: of no country, and of no region of the world."""
    return not country and region == Region.WORLD


class Portal(models.Model):
    """One country's (or region's) site under `/<slug>/`."""

    slug = models.SlugField(
        _("address"),
        max_length=40,
        unique=True,
        validators=[refuse_reserved_slug],
        help_text=_("The first part of the path, usually the two-letter country code: “bz”."),
    )
    name = models.CharField(_("name for staff"), max_length=100, help_text=_("In English, for lists: “Belize”."))
    country = models.CharField(
        _("country code"),
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{2}$", _("Two capital letters, ISO 3166-1."))],
        help_text=_("ISO 3166-1 alpha-2; empty for a region or a portal of several countries."),
    )
    state = models.CharField(_("state"), max_length=12, choices=PortalState, default=PortalState.DRAFT)
    access_phrase = models.CharField(
        _("access phrase"),
        max_length=100,
        blank=True,
        help_text=_("Asked for while the portal is restricted."),
    )
    default_language = models.CharField(_("default language"), max_length=12, default="en")
    legal_age = models.PositiveSmallIntegerField(
        _("legal age"),
        default=18,
        validators=[MinValueValidator(12), MaxValueValidator(21)],
        help_text=_("Until which birthday the country's law calls a person a child in this matter."),
    )
    legal_source = models.CharField(
        _("source of legal age and law"),
        max_length=300,
        blank=True,
        help_text=_("Where the legal age and the law are written down: the act and its section."),
    )
    region = models.CharField(
        _("region"),
        max_length=8,
        choices=Region,
        default=Region.WORLD,
        help_text=_("Under which the network lists it."),
    )
    brand_colour = models.CharField(
        _("brand colour"),
        max_length=7,
        default="#1d3b5c",
        validators=[RegexValidator(r"^#[0-9a-f]{6}$", _("A colour such as #1d3b5c."))],
        help_text=_("Background of the header; white text must be readable on it."),
    )
    button_colour = models.CharField(
        _("button colour"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^#[0-9a-f]{6}$", _("A colour such as #1d3b5c."))],
        help_text=_("Background of the buttons; empty for the brand colour. White text must be readable on it."),
    )
    accent_colour = models.CharField(
        _("accent colour"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^#[0-9a-f]{6}$", _("A colour such as #1d3b5c."))],
        help_text=_("Of the pattern and the line below the header; empty for a lighter brand colour."),
    )
    pattern = models.CharField(
        _("pattern"),
        max_length=8,
        choices=Pattern,
        default=Pattern.NONE,
        help_text=_("Drawn from the two colours, below the header."),
    )
    header_layout = models.CharField(
        _("layout of the header"), max_length=5, choices=HeaderLayout, default=HeaderLayout.PLAIN
    )
    logo = models.ForeignKey(
        Picture, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("logo"), editable=False
    )
    crest = models.ForeignKey(
        Picture, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("crest"), editable=False
    )
    leave_to = models.URLField(
        _("where “Leave this page” leads"),
        blank=True,
        validators=[WEB_ADDRESS],
        help_text=_("A harmless page that many people of the country open, such as a weather report."),
    )
    # Suspended at once by one operator (`EmergencySuspension`): its pages show reviewed messages only.
    emergency_suspended = models.BooleanField(_("suspended in an emergency"), default=False, editable=False)
    opens_on = models.DateField(_("opens on"), null=True, blank=True, editable=False)
    # Set when the scheduled day came and the checklist was not complete any more.
    opening_missed_on = models.DateField(_("opening missed on"), null=True, blank=True, editable=False)
    # The text of the operator's test report, sent through the portal's own form before launch; intake recognises it.
    test_code = models.CharField(_("code of the test report"), max_length=12, default=test_code, editable=False)
    tested_on = models.DateField(_("test report received on"), null=True, blank=True, editable=False)
    launched_on = models.DateField(_("launched on"), null=True, blank=True)
    launch_source = models.CharField(_("source of the launch date"), max_length=200, blank=True)
    # Its privacy page and form say so from when it is set. A trigger refuses a day that is not ahead.
    words_release_from = models.DateField(
        _("sentences of reports may be released from"),
        null=True,
        blank=True,
        help_text=_(
            "Empty: no word of a reporter leaves the analysts’ rooms. With a day ahead, the privacy page and the form "
            "say at once that two people may release single sentences of reports from that day on to the police or to "
            "child protection. Earlier reports stay as they were promised."
        ),
    )

    objects: ClassVar[models.Manager["Portal"]] = PortalQuerySet.as_manager()

    class Meta:
        verbose_name = _("portal")
        verbose_name_plural = _("portals")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=models.Q(slug__regex=r"^[a-z0-9-]+$"), name="portal_slug_plain"),
            models.CheckConstraint(condition=models.Q(state__in=PortalState.values), name="portal_state_known"),
            models.CheckConstraint(
                condition=models.Q(emergency_suspended=False) | models.Q(state=PortalState.SUSPENDED),
                name="portal_emergency_is_suspended",
            ),
            models.CheckConstraint(condition=models.Q(pattern__in=Pattern.values), name="portal_pattern_known"),
            models.CheckConstraint(
                condition=models.Q(header_layout__in=HeaderLayout.values), name="portal_header_layout_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=PortalState.RESTRICTED) | models.Q(access_phrase__length__gt=0),
                name="portal_restricted_has_phrase",
                violation_error_message=_("A restricted portal needs an access phrase."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a day of release that is not ahead: the pages say so before, never afterwards."""
        super().clean()
        day = self.words_release_from
        if day is None or day > timezone.localdate():
            return
        if not Portal.objects.filter(pk=self.pk, words_release_from=day).exists():
            raise ValidationError({"words_release_from": _("Choose a day ahead: the pages have to say so before.")})

    @property
    def is_for_any_country(self) -> bool:
        return covers_any_country(self.country, self.region)

    @property
    def launch_day(self) -> date | None:
        """The day of the launch, once operators have confirmed it: before, `launched_on` is the catalogue's."""
        return None if self.state in (PortalState.DRAFT, PortalState.RESTRICTED) else self.launched_on

    @property
    def may_have_receipts(self) -> bool:
        """Whether the public may hold receipts of it: it is visible, or once was, and a report was sent through it.

        Nothing is sent before the test report, which no portal opens or is scheduled without.
        """
        return PortalState(self.state).visible or self.tested_on is not None
