"""Checks of contacts: an operator found that a verified contact is still right. Only the staff surface loads them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from countries.models.contact import Contact


class CheckMethod(models.TextChoices):
    TELEPHONED = "telephoned", _("telephoned")
    WEBSITE = "website", _("web site read")
    CONFIRMED = "confirmed", _("confirmed by the service itself")
    OTHER = "other", _("in another way")


class ContactCheck(models.Model):
    """One check: who, when and how. It counts for the telephone number and web site that were checked."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="checks", verbose_name=_("contact"))
    on = models.DateField(_("checked on"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("checked by"))
    how = models.CharField(_("how"), max_length=10, choices=CheckMethod)
    words = models.CharField(_("in which other way"), max_length=200, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    website = models.CharField(_("web site"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("check of a contact")
        verbose_name_plural = _("checks of contacts")
        default_permissions = ()
        ordering = ["contact", "-on", "-pk"]
        indexes = [models.Index(F("contact"), F("on").desc(), F("id").desc(), name="contact_check_latest")]
        constraints = [
            models.CheckConstraint(condition=Q(how__in=CheckMethod.values), name="contact_check_method_known"),
            models.CheckConstraint(
                condition=Q(how=CheckMethod.OTHER, words__length__gt=0) | (~Q(how=CheckMethod.OTHER) & Q(words="")),
                name="contact_check_other_in_words",
                violation_error_message=_("Say in which other way the contact was checked."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact}, {self.on:%Y-%m-%d}"


class ContactReminder(models.Model):
    """The month of the last reminder to check contacts, so that there is one a month. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    month = models.DateField(_("first day of the month"))

    class Meta:
        verbose_name = _("reminder to check contacts")
        verbose_name_plural = _("reminders to check contacts")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(id=1), name="contact_reminder_one")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
