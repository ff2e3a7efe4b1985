"""What a portal may link to, and which paths it may have."""

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

# First path segments that mean something else; a portal may not take them.
RESERVED_SLUGS = frozenset(
    {"accounts", "admin", "api", "health", "leave", "network", "notice", "robots.txt", "static", "well-known"}
)

# What a portal links to is a web page: Django's own list has ftp as well, which browsers hand to other programs.
WEB_ADDRESS = URLValidator(schemes=["https", "http"])


def refuse_reserved_slug(slug: str) -> None:
    if slug in RESERVED_SLUGS:
        raise ValidationError(_("This address is taken by the site itself."), code="reserved")
