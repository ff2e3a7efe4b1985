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
    common, own = common_display(), preferences_of(user)
    if own is None:
        return common
    return DisplaySettings(
        greys=common.greys if own.greys is None else own.greys,
        type_size=own.type_size or common.type_size,
        density=own.density or common.density,
    )
