"""The help services of a situation and links to situations, for pages beside the help pages."""

from django import template

from countries.public.help.lines import ServiceLine, SituationLink, build_links, build_part_lines, situation_services
from countries.public.help.situations import Situation
from countries.public.published_portal import PublishedPortal

register = template.Library()


@register.simple_tag
def services_in(portal: PublishedPortal, situation: str) -> list[ServiceLine]:
    """The country's services that help in the situation with this slug. Raises ValueError for another slug."""
    return situation_services(portal, Situation(situation))


@register.simple_tag
def first_advice(portal: PublishedPortal, situation: str) -> list[str]:
    """The first steps on the help page with this slug. Raises ValueError for another slug."""
    parts = Situation(situation).row.parts
    return next((build_part_lines(portal, part).steps for part in parts if part.steps), [])


@register.simple_tag
def situation_links(portal: PublishedPortal, *situations: str) -> list[SituationLink]:
    """Links to the help pages with these slugs, each once. Raises ValueError for another slug."""
    return build_links(portal, map(Situation, dict.fromkeys(situations)))
