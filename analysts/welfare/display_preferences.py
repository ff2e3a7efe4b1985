"""Display preferences of a user, with the organisation's as defaults."""

from typing import NamedTuple

from django.conf import settings

from analysts.models import Comfort, User


class DisplaySettings(NamedTuple):
    greys: bool
    type_size: str
    density: str

    @property
    def classes(self) -> str:
        """CSS classes of the page's body, defined in staff/theme.css."""
        return " ".join([*(["greys"] if self.greys else []), f"type-{self.type_size}", f"density-{self.density}"])


def comfort_of(user: User) -> Comfort | None:
    """The user's own settings, or None. Queries the database once per instance."""
    try:
        return user.comfort
    except Comfort.DoesNotExist:
        return None


def common_look() -> DisplaySettings:
    return DisplaySettings(settings.STAFF_GREYS, settings.STAFF_TYPE_SIZE, settings.STAFF_DENSITY)


def look_of(user: User) -> DisplaySettings:
    common, own = common_look(), comfort_of(user)
    if own is None:
        return common
    return DisplaySettings(
        greys=common.greys if own.greys is None else own.greys,
        type_size=own.type_size or common.type_size,
        density=own.density or common.density,
    )
