"""The form of an action on an incident, as sections of the incident page show it."""

from django import template
from django.template.context import RequestContext

from analysts.incidents.act_markup import draw_act
from analysts.incidents.page_kit import ActionButton

register = template.Library()


@register.simple_tag(takes_context=True)
def act(context: RequestContext, button: ActionButton, report_id: object = "") -> str:
    """`report_id`: of the report that the action is about, if a page has one form for each report."""
    return draw_act(
        button,
        csrf_token=str(context["csrf_token"]),
        kept_inputs=context.get("kept_inputs") or "",
        report_id=str(report_id),
    )
