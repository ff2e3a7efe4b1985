"""The time zone in which a member of staff reads times: their own, or that of the installation.

Only what templates show is converted. Rules count days and hours in UTC, or in the zone that they name.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from analysts.models import DisplayPreferences, User
from countries.decided_settings import text_in_force


def zone_of(user: object) -> ZoneInfo:
    """The reader's time zone; WORK_TIME_ZONE for users without one, and for strangers."""
    name = ""
    if isinstance(user, User):
        try:
            name = user.display_preferences.time_zone
        except DisplayPreferences.DoesNotExist:
            name = ""
    # The system's data may no longer have a zone that was chosen earlier.
    return _read_zone(name) if name in known_zones() else _read_zone(text_in_force("WORK_TIME_ZONE"))


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """Cached, because reading them opens thousands of files."""
    return frozenset(available_timezones())


@lru_cache(maxsize=200)
def _read_zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


class UtcDateTimeField(forms.DateTimeField):
    """A moment that is typed in UTC, also on a page that is drawn in another time zone."""

    def prepare_value(self, value: object) -> object:
        return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


@lru_cache(maxsize=1)
def offered_zones() -> list[str]:
    """Names of places, such as "Europe/London", in alphabetical order, and UTC."""
    return ["UTC", *sorted(name for name in known_zones() if "/" in name and not name.startswith("Etc/"))]


def describe_zone(user: object) -> str:
    """The footer's note on the times of a page."""
    zone = zone_of(user).key
    if zone == "UTC":
        return _("Times are in UTC unless stated otherwise.")
    return _("Times are in the time zone %(zone)s unless stated otherwise.") % {"zone": zone}


class StaffTimeZone:
    """Draws staff pages in the reader's time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_template_response(
        self, request: HttpRequest, response: SimpleTemplateResponse
    ) -> SimpleTemplateResponse:
        if request.path_info.startswith(settings.STAFF_PATHS):
            timezone.activate(zone_of(request.user))
        return response
