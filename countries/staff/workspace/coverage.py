"""Coverage of a portal by analysts, as the operators' workspace shows it. The rules are those of the user model."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model

from countries.languages import is_readable_as, language_name
from countries.models import Portal
from countries.staff.workspace.checklist import texts_in_order

# The language of an account without a chosen one.
USUAL_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class PortalAnalyst:
    """An active analyst who works for the portal permanently. `language`: the one in which the account works."""

    name: str
    role: str
    language: str


@dataclass(frozen=True, slots=True)
class PortalCoverage:
    """`unread`: the portal's languages in which no account of these analysts works."""

    analysts: list[PortalAnalyst]
    unread: list[str]


def portal_coverage(portal: Portal) -> PortalCoverage:
    users = list(get_user_model().objects.analysts_of([portal.pk]).order_by("username"))
    spoken = {user.language or USUAL_LANGUAGE for user in users}
    languages = [text.language for text in texts_in_order(portal)]
    return PortalCoverage(
        analysts=[
            PortalAnalyst(user.username, user.get_role_display(), language_name(user.language or USUAL_LANGUAGE))
            for user in users
        ],
        unread=[
            language_name(tag) for tag in languages if not any(is_readable_as(language, tag) for language in spoken)
        ],
    )
