"""Names and notes of a portal's contacts and partners, by language."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from countries.languages import language_name
from countries.models.contact import Contact
from countries.models.partner import Partner
from countries.models.text import LANGUAGE_TAG


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
