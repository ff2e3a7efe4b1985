"""Named groups of portals, to which analysts are assigned together (`analysts.accounts.coverage`)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from countries.models.portal import Portal


class PortalGroup(models.Model):
    """A group of portals. Its members, accounts of staff, see the reports to all of its portals.

    Portals and members change by an approval request of two administrators (`analysts.accounts.group_approvals`).
    """

    name = models.CharField(_("name"), max_length=60, unique=True)
    portals = models.ManyToManyField(Portal, verbose_name=_("portals"), blank=True, related_name="+")

    class Meta:
        verbose_name = _("portal group")
        verbose_name_plural = _("portal groups")
        default_permissions = ()
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
