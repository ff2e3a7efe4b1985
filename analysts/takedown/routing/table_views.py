"""Views of the routing rules page: rules, examples, and trying a country."""

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.models import Hosted, RouteExample, RouteRule, RouteStep
from analysts.takedown.routing import table
from analysts.takedown.routing.permissions import check_can_change_rules, check_can_see_rules
from analysts.takedown.routing.rules import Proposal, build_proposal
from analysts.takedown.routing.table_forms import ExampleForm, RuleForm, TryIt, countries_in_words
from audit.permissions import Denied, is_allowed
from countries.languages import country_in_words
from countries.staff.requests.staff_pages import staff_page


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule prepared for the page."""

    rule: RouteRule
    hosted: str
    steps: list[str]
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class Example:
    pk: uuid.UUID
    country: str
    expected: list[str]
    now: list[str]
    passes: bool


@dataclass(frozen=True, slots=True)
class CountryResult:
    """The proposed steps for the country that was tried, each with its reasons."""

    country: str
    steps: list[tuple[str, tuple[str, ...]]]


@require_safe
def routing_page(request: StaffRequest) -> HttpResponse:
    check_can_see_rules(request.user)
    return table_page(request)


def table_page(request: StaffRequest, *, example: ExampleForm | None = None, status: int = 200) -> HttpResponse:
    """Render the page. `example`: an invalid form to show again with its errors."""
    rules = list(RouteRule.objects.all())
    tried = TryIt(request.GET) if "country" in request.GET else TryIt()
    country = tried.chosen() if tried.is_bound else ""
    context = {
        "title": _("Routing rules"),
        "lines": rule_lines(rules),
        "examples": [example_row(result) for result in table.try_examples(rules, RouteExample.objects.all())],
        "try_it": tried,
        "found": country_result(build_proposal(rules, country)) if country else None,
        "may_change": is_allowed(check_can_change_rules, request.user),
        "example_form": example or ExampleForm(),
        "form": example,
    }
    return staff_page(request, "analysts/takedown/routing/routing_table.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def rule_page(request: StaffRequest, rule_id: uuid.UUID | None = None) -> HttpResponse:
    """Change or add a rule. A change that makes examples fail is shown first and saved on confirmation only."""
    check_can_change_rules(request.user)
    rule = get_object_or_404(RouteRule, pk=rule_id) if rule_id else None
    form = RuleForm(request.POST if request.method == "POST" else None, rule=rule)
    broken: list[Example] = []
    if form.is_valid():
        try:
            table.write_rule(by=request.user, rule=rule, words=form.words(), anyway=form.cleaned_data["anyway"])
        except table.Breaks as breaks:
            broken = [example_row(result) for result in breaks.broken]
            form.add_error("anyway", _("Review the failing examples first."))
        else:
            messages.success(request, _("Rule saved. It applies from now on."))
            return redirect("admin:routing")
    context = {"title": _("Change a rule") if rule else _("Add a rule"), "form": form, "broken": broken}
    return staff_page(
        request, "analysts/takedown/routing/route_rule.html", context, status=422 if form.is_bound else 200
    )


@require_POST
def move_route_rule(request: StaffRequest, rule_id: uuid.UUID) -> HttpResponse:
    check_can_change_rules(request.user)
    up = request.POST.get("to") == "up"
    try:
        table.move_rule(by=request.user, rule=get_object_or_404(RouteRule, pk=rule_id), up=up)
    except Denied as denied:
        messages.error(request, str(denied.reason))
    return redirect("admin:routing")


@require_POST
def load_usual(request: StaffRequest) -> HttpResponse:
    table.load_usual(by=request.user)
    messages.success(request, _("Default rules loaded. Change any that do not fit."))
    return redirect("admin:routing")


@require_POST
def write_example(request: StaffRequest) -> HttpResponse:
    check_can_change_rules(request.user)
    form = ExampleForm(request.POST)
    if not form.is_valid():
        return table_page(request, example=form, status=422)
    steps = [RouteStep(step) for step in form.cleaned_data["steps"]]
    table.write_example(by=request.user, country=form.cleaned_data["country"], steps=steps)
    messages.success(request, _("Example saved. Rule changes are checked against it from now on."))
    return redirect("admin:routing")


@require_POST
def remove_example(request: StaffRequest, example_id: uuid.UUID) -> HttpResponse:
    check_can_change_rules(request.user)
    table.remove_example(by=request.user, example=get_object_or_404(RouteExample, pk=example_id))
    messages.success(request, _("Example removed."))
    return redirect("admin:routing")


def hosted_in_words(rule: RouteRule) -> str:
    return countries_in_words(rule.countries) if rule.hosted == Hosted.COUNTRIES else str(Hosted(rule.hosted).label)


def rule_lines(rules: list[RouteRule]) -> list[RuleLine]:
    return [
        RuleLine(
            rule=rule,
            hosted=hosted_in_words(rule),
            steps=[in_words(RouteStep(step), rule.after_hours) for step in rule.steps],
            is_first=number == 0,
            is_last=number == len(rules) - 1,
        )
        for number, rule in enumerate(rules)
    ]


def in_words(step: RouteStep, after_hours: int = 0) -> str:
    if step == RouteStep.NOTICE_HOST_LATER and after_hours:
        return _("notice to the hosting provider after %(hours)d hours") % {"hours": after_hours}
    return str(step.label)


def example_row(tried: table.Tried) -> Example:
    return Example(
        pk=tried.example.pk,
        country=country_in_words(tried.example.country),
        expected=[in_words(RouteStep(step)) for step in tried.example.steps],
        now=[in_words(step) for step in tried.steps],
        passes=tried.passes,
    )


def country_result(proposal: Proposal) -> CountryResult:
    return CountryResult(
        country=country_in_words(proposal.country),
        steps=[(in_words(proposed.step, proposed.after_hours), proposed.reasons) for proposed in proposal.proposed],
    )
