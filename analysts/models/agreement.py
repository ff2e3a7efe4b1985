"""How far two looks agree, and how an operator corrects what codes mean elsewhere."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Agreement(models.Model):
    """How many pairs of looks in a month came to these two categories. Counted up by each second look.

    A category is what `Assessment.category` says: a severity, or the verdict where it is not illegal.
    """

    month = models.DateField(_("month"))
    first = models.CharField(_("first look"), max_length=16)
    second = models.CharField(_("second look"), max_length=16)
    number = models.PositiveIntegerField(_("how many"), default=0)

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
    """What one of our codes means in another code list, where that differs from what is shipped."""

    # A scheme and a code as `analysts.assessment.schemes` names them.
    scheme = models.CharField(_("code list"), max_length=24)
    code = models.CharField(_("our code"), max_length=40)
    target = models.CharField(_("their code"), max_length=40, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    at = models.DateTimeField(_("at"), editable=False)

    class Meta:
        verbose_name = _("correction of a code")
        verbose_name_plural = _("corrections of codes")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code"], name="code_correction_once"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.code}"
