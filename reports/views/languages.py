"""The languages in which the answer to a form can be shown again: a link would lose its receipt or what was typed."""

from django.urls import reverse

from countries.public.context_processors import LanguageLink
from countries.public.pages import PortalRequest

# The field of a form that is only to be shown, not stored.
SHOW = "show"


def other_languages(request: PortalRequest, name: str) -> list[LanguageLink]:
    """Where to post the form of the page `name` so that it comes back in each of the portal's other languages."""
    return [
        LanguageLink.to_page(tag, reverse(name, args=[request.portal.slug, tag]))
        for tag in request.portal.languages
        if tag != request.portal_language
    ]
