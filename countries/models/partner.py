"""The organisations that run or pay for a portal, with their names by language."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from countries.models.addresses import WEB_ADDRESS
from countries.models.contact import LocalName
from countries.models.picture import Picture
from countries.models.portal import Portal
from countries.models.text import LANGUAGE_TAG
from countries.models.verification import VerifiedModel


class PartnerRole(models.TextChoices):
    PARTNER = "partner", _("partner")
    FUNDER = "funder", _("funder")


class Partner(VerifiedModel):
    """The organisation that runs the portal. The public sees it while it is as it was confirmed."""

    VERIFIED = ("name", "role", "website")
    VERIFIED_NAMES = "texts"
    MARK = "confirmed"

    portal = models.ForeignKey(Portal, models.CASCADE, related_name="partners", verbose_name=_("portal"))
    name = models.CharField(_("name"), max_length=150)
    name_language = models.CharField(
        _("language of the name"),
        max_length=12,
        blank=True,
        validators=[LANGUAGE_TAG],
        help_text=_("Empty for the portal's default language."),
    )
    role = models.CharField(_("role"), max_length=8, choices=PartnerRole, default=PartnerRole.PARTNER)
    website = models.URLField(_("web site"), blank=True, validators=[WEB_ADDRESS])
    source = models.CharField(_("source"), max_length=300, blank=True)
    logo = models.ForeignKey(
        Picture, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("logo"), editable=False
    )
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


class PartnerText(LocalName):
    partner = models.ForeignKey(Partner, models.CASCADE, related_name="texts", verbose_name=_("partner"))

    class Meta:
        verbose_name = _("name of a partner")
        verbose_name_plural = _("names of partners")
        default_permissions = ()
        ordering = ["partner", "language"]
        constraints = [
            models.UniqueConstraint(fields=["partner", "language"], name="partner_text_once_a_language"),
        ]
