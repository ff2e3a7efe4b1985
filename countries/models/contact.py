"""Contacts: other help in a portal's country, with their names by language."""

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from countries.choices import RowChoices
from countries.languages import language_name
from countries.models.addresses import WEB_ADDRESS
from countries.models.portal import Portal
from countries.models.text import LANGUAGE_TAG
from countries.models.verification import VerifiedModel


@dataclass(frozen=True, slots=True)
class ContactKindRow:
    """All properties of a kind of contact except its code and label."""

    # The heading of its contacts on pages that list other help; None where these pages show it elsewhere.
    heading: Promise | None
    # Whether the portal of a country must have one before its launch.
    needed: bool = False


class ContactKind(RowChoices):
    """Kinds of contacts, in the order in which pages list them."""

    row: ContactKindRow

    # Shown at the top of these pages, with what to do in danger.
    EMERGENCY = "emergency", ContactKindRow(heading=None, needed=True), _("emergency number")
    POLICE = "police", ContactKindRow(_("Police"), needed=True), _("police")
    CHILD_HELPLINE = "child_helpline", ContactKindRow(_("For children"), needed=True), _("child helpline")
    CYBERCRIME = "cybercrime", ContactKindRow(_("Scams, blackmail, stolen accounts")), _("scams and cybercrime")
    REGULATOR = (
        "regulator",
        ContactKindRow(_("Adult content, hate, harmful content")),
        _("regulator: adult or harmful content, hate"),
    )
    OTHER = "other", ContactKindRow(_("Other services")), _("other service")

    @classmethod
    def needed_by(cls, portal: Portal | None) -> "list[ContactKind]":
        """The kinds that the launch of this portal, or (None) of a country's, needs.

        None of them for a portal of all countries: no number is right in each.
        """
        is_for_any_country = portal is not None and portal.is_for_any_country
        return [] if is_for_any_country else [kind for kind in cls if kind.row.needed]


class Contact(VerifiedModel):
    """A helpline, police or emergency number of this country. The public sees verified contacts only."""

    VERIFIED = ("kind", "name", "phone", "website")
    VERIFIED_NAMES = "texts"

    portal = models.ForeignKey(Portal, models.CASCADE, related_name="contacts", verbose_name=_("portal"))
    kind = models.CharField(_("kind"), max_length=16, choices=ContactKind)
    name = models.CharField(_("name"), max_length=120)
    name_language = models.CharField(
        _("language of the name"),
        max_length=12,
        blank=True,
        validators=[LANGUAGE_TAG],
        help_text=_("Empty for the portal's default language."),
    )
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


class LocalName(models.Model):
    """The name of a contact or partner on pages in one language. The row's own name is used in all other languages."""

    language = models.CharField(_("language"), max_length=12, validators=[LANGUAGE_TAG])
    name = models.CharField(_("name"), max_length=150)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{language_name(self.language)}: {self.name}"


class ContactText(LocalName):
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="texts", verbose_name=_("contact"))

    class Meta:
        verbose_name = _("name of a contact")
        verbose_name_plural = _("names of contacts")
        default_permissions = ()
        ordering = ["contact", "language"]
        constraints = [
            models.UniqueConstraint(fields=["contact", "language"], name="contact_text_once_a_language"),
        ]
