"""A country's portal and what it says. Nothing here is about a reporter."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator, URLValidator
from django.db import models
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from countries.languages import language_name

models.CharField.register_lookup(Length)

# First path segments that mean something else; a portal may not take them.
RESERVED_SLUGS = frozenset({"accounts", "admin", "api", "health", "robots.txt", "static", "well-known"})

# What a portal links to is a web page: Django's own list has ftp as well, which browsers hand to other programs.
WEB_ADDRESS = URLValidator(schemes=["https", "http"])


def refuse_reserved_slug(slug: str) -> None:
    if slug in RESERVED_SLUGS:
        raise ValidationError(_("This address is taken by the site itself."), code="reserved")


class PortalState(models.TextChoices):
    DRAFT = "draft", _("draft")
    RESTRICTED = "restricted", _("restricted: asks for an access phrase")
    SCHEDULED = "scheduled", _("scheduled")
    LIVE = "live", _("live")
    SUSPENDED = "suspended", _("suspended")
    CLOSED = "closed", _("closed")

    @property
    def visible(self) -> bool:
        """Whether the public finds anything at the portal's address."""
        return self not in (PortalState.DRAFT, PortalState.SCHEDULED)

    @property
    def takes_reports(self) -> bool:
        return self in (PortalState.LIVE, PortalState.RESTRICTED)


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
    brand_colour = models.CharField(
        _("brand colour"),
        max_length=7,
        default="#1d3b5c",
        validators=[RegexValidator(r"^#[0-9a-f]{6}$", _("A colour such as #1d3b5c."))],
        help_text=_("Background of the header; white text must be readable on it."),
    )
    launched_on = models.DateField(_("launched on"), null=True, blank=True)
    launch_source = models.CharField(_("source of the launch date"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("portal")
        verbose_name_plural = _("portals")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=models.Q(slug__regex=r"^[a-z0-9-]+$"), name="portal_slug_plain"),
            models.CheckConstraint(condition=models.Q(state__in=PortalState.values), name="portal_state_known"),
            models.CheckConstraint(
                condition=~models.Q(state=PortalState.RESTRICTED) | models.Q(access_phrase__length__gt=0),
                name="portal_restricted_has_phrase",
                violation_error_message=_("A restricted portal needs an access phrase."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PortalText(models.Model):
    """A portal's own words in one language; the standard words come from the message catalogues."""

    portal = models.ForeignKey(Portal, models.CASCADE, related_name="texts", verbose_name=_("portal"))
    language = models.CharField(
        _("language"), max_length=12, validators=[RegexValidator(r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$")]
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    title = models.CharField(_("title"), max_length=120)
    welcome = models.TextField(_("welcome"), help_text=_("One or two plain sentences at the top of the portal."))
    about = models.TextField(_("about"), help_text=_("Who runs the portal and with whom."))
    law = models.TextField(_("law"), blank=True, help_text=_("What the country's law says, in plain words."))
    suspended_message = models.TextField(
        _("message while suspended or closed"), blank=True, help_text=_("Why, and where else to report.")
    )
    reviewed_by = models.CharField(
        _("reviewed by"), max_length=100, blank=True, help_text=_("A named speaker of the language.")
    )
    reviewed_on = models.DateField(_("reviewed on"), null=True, blank=True)

    class Meta:
        verbose_name = _("portal text")
        verbose_name_plural = _("portal texts")
        ordering = ["portal", "position", "language"]
        constraints = [
            models.UniqueConstraint(fields=["portal", "language"], name="portal_text_once_a_language"),
        ]

    def __str__(self) -> str:
        return f"{self.portal}: {language_name(self.language)}"


class ContactKind(models.TextChoices):
    EMERGENCY = "emergency", _("emergency number")
    POLICE = "police", _("police")
    CHILD_HELPLINE = "child_helpline", _("child helpline")
    CYBERCRIME = "cybercrime", _("scams and cybercrime")
    REGULATOR = "regulator", _("regulator: adult or harmful content, hate")
    OTHER = "other", _("other service")


class Contact(models.Model):
    """Who else can help in this country. Only verified contacts are shown to the public."""

    portal = models.ForeignKey(Portal, models.CASCADE, related_name="contacts", verbose_name=_("portal"))
    kind = models.CharField(_("kind"), max_length=16, choices=ContactKind)
    name = models.CharField(_("name"), max_length=120)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    website = models.URLField(_("web site"), blank=True, validators=[WEB_ADDRESS])
    source = models.CharField(_("source"), max_length=300, blank=True, help_text=_("Where these details were found."))
    verified_on = models.DateField(_("verified on"), null=True, blank=True)
    verified_by = models.CharField(_("verified by"), max_length=100, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["portal", "position", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["portal", "kind", "name"], name="contact_once"),
            models.CheckConstraint(
                condition=models.Q(verified_on__isnull=True) | models.Q(verified_by__length__gt=0),
                name="contact_verified_by_somebody",
                violation_error_message=_("Say who verified the contact."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PartnerRole(models.TextChoices):
    PARTNER = "partner", _("partner")
    FUNDER = "funder", _("funder")


class Partner(models.Model):
    """Who stands behind the portal."""

    portal = models.ForeignKey(Portal, models.CASCADE, related_name="partners", verbose_name=_("portal"))
    name = models.CharField(_("name"), max_length=150)
    role = models.CharField(_("role"), max_length=8, choices=PartnerRole, default=PartnerRole.PARTNER)
    website = models.URLField(_("web site"), blank=True, validators=[WEB_ADDRESS])
    source = models.CharField(_("source"), max_length=300, blank=True)
    confirmed = models.BooleanField(_("confirmed"), default=False, help_text=_("Shown to the public once confirmed."))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ["portal", "position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["portal", "name", "role"], name="partner_once"),
        ]

    def __str__(self) -> str:
        return self.name
