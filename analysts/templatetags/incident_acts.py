"""The form of an action on an incident, as sections of the incident page show it, and fragments that never change."""

from django import template
from django.template.context import RequestContext
from django.template.loader import get_template

from analysts.incidents.act_markup import draw_act
from analysts.incidents.markup_cache import MarkupCache
from analysts.incidents.page_kit import ActionButton

register = template.Library()

DRAWN_FRAGMENTS = MarkupCache(most=50)


@register.simple_tag
def drawn_once(name: str) -> str:
    """A template without variables, drawn once in each language."""
    return DRAWN_FRAGMENTS.draw_once(name, lambda: get_template(name).render())


@register.simple_tag(takes_context=True)
def act(context: RequestContext, button: ActionButton, report_id: object = "") -> str:
    """`report_id`: of the report that the action is about, if a page has one form for each report."""
    return draw_act(
        button,
        csrf_token=str(context["csrf_token"]),
        kept_inputs=context.get("kept_inputs") or "",
        report_id=str(report_id),
    )
