"""Addresses of an incident's staff pages. Its own page has dozens; `reverse` takes longer than drawing a button."""

from functools import lru_cache
from uuid import UUID

from django.urls import get_script_prefix, reverse

_ANY_INCIDENT = UUID(int=0)


@lru_cache(maxsize=100)
def _url_pattern(name: str, script_prefix: str) -> str:
    return reverse(name, args=[_ANY_INCIDENT]).replace(str(_ANY_INCIDENT), "{}")


def incident_url(incident_id: UUID, name: str = "admin:incident") -> str:
    """The address of a staff page of the incident, as `reverse` gives it."""
    return _url_pattern(name, get_script_prefix()).format(incident_id)
