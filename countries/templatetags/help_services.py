"""The help services that fit a situation, for pages beside the help pages."""

from django import template

from countries.public.help.lines import ServiceLine, situation_services
from countries.public.help.situations import Situation
from countries.public.published_portal import PublishedPortal

register = template.Library()


@register.simple_tag
def services_in(portal: PublishedPortal, situation: str) -> list[ServiceLine]:
    """The country's services that help in the situation with this slug. Raises ValueError for another slug."""
    return situation_services(portal, Situation(situation))
