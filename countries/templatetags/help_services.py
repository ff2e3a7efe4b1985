"""The help services of a situation and links to situations, for pages beside the help pages."""

from django import template

from countries.public.help.lines import ServiceLine, SituationLink, build_links, situation_services
from countries.public.help.situations import Situation
from countries.public.published_portal import PublishedPortal

register = template.Library()


@register.simple_tag
def services_in(portal: PublishedPortal, situation: str) -> list[ServiceLine]:
    """The country's services that help in the situation with this slug. Raises ValueError for another slug."""
    return situation_services(portal, Situation(situation))


@register.simple_tag
def situation_links(portal: PublishedPortal, *situations: str) -> list[SituationLink]:
    """Links to the help pages with these slugs. Raises ValueError for another slug."""
    return build_links(portal, map(Situation, situations))
