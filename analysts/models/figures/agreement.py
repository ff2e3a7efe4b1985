"""Agreement between reviews, and operators' corrections of code mappings."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Agreement(models.Model):
    """The number of review pairs in a month with these two categories; each second review increments one row.

    A category is an `Assessment.category`: the severity, or the verdict if it is not illegal.
    """

    month = models.DateField(_("month"))
    first = models.CharField(_("first review"), max_length=16)
    second = models.CharField(_("second review"), max_length=16)
    number = models.PositiveIntegerField(_("number"), default=0)

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["month", "first", "second"], name="agreement_once_a_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="agreement_first_of_month"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.first}/{self.second}"


class CodeCorrection(models.Model):
    """An operator's correction of how one of our codes maps to another code list."""

    # A scheme and a code as `analysts.assessment.mappings` names them.
    scheme = models.CharField(_("code list"), max_length=24)
    code = models.CharField(_("our code"), max_length=40)
    target = models.CharField(_("their code"), max_length=40, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    at = models.DateTimeField(_("at"), editable=False)

    class Meta:
        verbose_name = _("code correction")
        verbose_name_plural = _("code corrections")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code"], name="code_correction_once"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.code}"
