"""The values that the list of all incidents filters by."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from analysts.models.incident import Incident
from countries.models import Portal


class IncidentFacet(models.Model):
    """One value of an incident, such as its verdict or host, at one of its portals. Written by triggers only.

    The primary key is the index that answers each filter, and each look-up of related incidents: a portal's incidents
    with a value, in the order in which they were received. Two filters are two parts of it in the same order.
    `analysts_facets_of` defines the rows.
    """

    pk = models.CompositePrimaryKey("portal", "name", "value", "received", "incident")
    # Without foreign keys in the database: the triggers write nothing else, and each row would be looked up twice.
    portal = models.ForeignKey(Portal, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    name = models.CharField(_("name"), max_length=12)
    # A code or an id; of a host or site, half of its fingerprint.
    value = models.CharField(_("value"), max_length=40)
    # `Incident.first_sighted`.
    received = models.DateTimeField(_("received (hour)"))
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="+", db_index=False, db_constraint=False)

    class Meta:
        verbose_name = _("filter value")
        verbose_name_plural = _("filter values")
        default_permissions = ()
        indexes = [models.Index(fields=["incident"], name="facet_of_incident")]

    def __str__(self) -> str:
        return f"{self.name}={self.value}"
