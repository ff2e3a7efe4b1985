"""Display preferences of a user, with the organisation's as defaults."""

from typing import NamedTuple

from django.conf import settings

from analysts.models import DisplayPreferences, User


class DisplaySettings(NamedTuple):
    greys: bool
    type_size: str
    density: str

    @property
    def classes(self) -> str:
        """CSS classes of the page's body, defined in staff/theme.css."""
        return " ".join([*(["greys"] if self.greys else []), f"type-{self.type_size}", f"density-{self.density}"])


def preferences_of(user: User) -> DisplayPreferences | None:
    """The user's own settings, or None. Queries the database once per instance."""
    try:
        return user.display_preferences
    except DisplayPreferences.DoesNotExist:
        return None


def common_display() -> DisplaySettings:
    return DisplaySettings(settings.STAFF_GREYS, settings.STAFF_TYPE_SIZE, settings.STAFF_DENSITY)


def display_of(user: User) -> DisplaySettings:
    common, preferences = common_display(), preferences_of(user)
    if preferences is None:
        return common
    return DisplaySettings(
        greys=common.greys if preferences.greys is None else preferences.greys,
        type_size=preferences.type_size or common.type_size,
        density=preferences.density or common.density,
    )
