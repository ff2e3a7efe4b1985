"""The help pages of a portal: short pages, one for each situation."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from countries.public.help.lines import build_door_groups, build_links, build_part_lines, situation_title
from countries.public.help.offers import names_help
from countries.public.help.situations import Situation
from countries.public.pages import PortalRequest, receipt_page, same_for_all


@require_safe
@receipt_page
@same_for_all
def help_index(request: PortalRequest) -> HttpResponse:
    groups = build_door_groups(request.portal)
    return render(request, "countries/public/help.html", {"door_groups": groups})


@require_safe
@receipt_page
def help_page(request: PortalRequest, situation: str) -> HttpResponse:
    if situation not in Situation.values:
        raise Http404
    return _situation_page(request, situation)


@same_for_all
def _situation_page(request: PortalRequest, slug: str) -> HttpResponse:
    portal, situation = request.portal, Situation(slug)
    parts = [build_part_lines(portal, part) for part in situation.row.parts]
    context = {
        "title": situation_title(portal, situation),
        "parts": parts,
        "names_help": names_help(
            situation, [contact.kind for contact in portal.contacts], portal.services, portal.legal_age
        ),
        "leads_to_report": any(part.leads_to_report for part in parts),
        "see_also": build_links(portal, map(Situation, situation.row.see_also)),
    }
    return render(request, "countries/public/help_page.html", context)
