"""Scoped lookup of incidents for views."""

import uuid

from django.shortcuts import get_object_or_404

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.permissions import check_can_see_incident
from analysts.models import Incident


def find_incident(request: StaffRequest, incident_id: uuid.UUID) -> Incident:
    """The incident, if one of the user's portals sighted it. Raises Http404 otherwise."""
    check_can_see_incident(request.user)
    return get_object_or_404(
        Incident.objects.visible_to(request.user).select_related("claimed_by", "key"), pk=incident_id
    )
