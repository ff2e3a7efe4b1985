"""Rules for the links on a portal and for its path."""

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

# First path segments with another meaning; a portal may not use them.
RESERVED_SLUGS = frozenset(
    {
        *("accounts", "admin", "api", "health", "leave", "network", "notice", "robots.txt", "static", "statistics"),
        "well-known",
    }
)

# A portal links to web pages only: Django's own list has ftp as well, which browsers hand to other programs.
WEB_ADDRESS = URLValidator(schemes=["https", "http"])


def refuse_reserved_slug(slug: str) -> None:
    if slug in RESERVED_SLUGS:
        raise ValidationError(_("This address is taken by the site itself."), code="reserved")
