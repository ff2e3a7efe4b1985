"""Admin pages of the routing rules and of the examples that check them; trying a country."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.accounts.staff_request import staff_user
from analysts.models import Hosted, RouteExample, RouteRule
from analysts.takedown.countries_field import countries_in_words
from analysts.takedown.routing import table
from analysts.takedown.routing.rules import build_proposal
from analysts.takedown.routing.table_forms import (
    RULE_FIELDS,
    ExampleForm,
    RuleForm,
    TryIt,
    step_in_words,
    steps_in_words,
)
from audit.staff_admin import RecordedModelAdmin
from countries.languages import country_in_words


class RoutingAdmin[RowT: Model](RecordedModelAdmin[RowT]):
    """A list that shows all of each row, so that those who only read it have nothing to open."""

    sortable_by = ()

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        return super().get_list_display_links(request, list_display) if self.has_change_permission(request) else None


@admin.register(RouteRule)
class RouteRuleAdmin(RoutingAdmin[RouteRule]):
    """Rules are switched off, never deleted. Below the list, a country can be tried."""

    form = RuleForm
    list_display = ("applies_to", "proposed_steps", "reason", "is_active")

    @admin.display(description=gettext_lazy("hosted in"))
    def applies_to(self, rule: RouteRule) -> str:
        is_listed = rule.hosted == Hosted.COUNTRIES
        return countries_in_words(rule.countries) if is_listed else str(capfirst(Hosted(rule.hosted).label))

    @admin.display(description=gettext_lazy("steps"))
    def proposed_steps(self, rule: RouteRule) -> str:
        return steps_in_words(rule.steps, rule.after_hours)

    def get_fields(self, request: HttpRequest, obj: RouteRule | None = None) -> tuple[str, ...]:
        """A new rule comes last. Examples that would fail are named first."""
        confirmed = ("anyway",) if self.has_change_permission(request) else ()
        return (*confirmed, *RULE_FIELDS, *(("position",) if obj else ()))

    def save_model(self, request: HttpRequest, obj: RouteRule, form: RuleForm, change: bool) -> None:
        by, place = staff_user(request), obj.position
        table.write_rule(by=by, rule=obj, anyway=form.cleaned_data["anyway"])
        if change and place != obj.position:
            table.move_rule(by=by, rule=obj, place=place)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """The country to try is no filter of the list, which refuses parameters that it does not know."""
        parameters = request.GET.copy()
        [country] = parameters.pop("country", [""])[-1:]
        # The stubs expect the class that cannot be changed.
        request.GET = parameters  # type: ignore[assignment]
        form = TryIt({"country": country} if country else None)
        context: dict[str, object] = {"try_it": form}
        if form.is_valid():
            proposal = build_proposal(RouteRule.objects.all(), country)
            steps = [(step_in_words(step.step, step.after_hours), step.reasons) for step in proposal.proposed]
            context |= {"country": country_in_words(country), "steps": steps}
        return super().changelist_view(request, context)


@admin.register(RouteExample)
class RouteExampleAdmin(RoutingAdmin[RouteExample]):
    """The steps that operators expect for some countries."""

    form = ExampleForm

    @admin.display(description=gettext_lazy("country"))
    def country_name(self, example: RouteExample) -> str:
        return country_in_words(example.country)

    @admin.display(description=gettext_lazy("expected steps"))
    def expected_steps(self, example: RouteExample) -> str:
        return steps_in_words(example.steps)

    def get_list_display(self, request: HttpRequest) -> tuple[str | Callable[[RouteExample], str], ...]:
        rules = list(RouteRule.objects.all())

        @admin.display(description=gettext_lazy("result"))
        def result(example: RouteExample) -> str:
            [result] = table.try_examples(rules, [example])
            return _("Passes") if result.passes else _("Fails: %(steps)s") % {"steps": steps_in_words(result.steps)}

        return ("country_name", "expected_steps", result)

    def get_readonly_fields(self, request: HttpRequest, obj: RouteExample | None = None) -> tuple[str, ...]:
        return ("country",) if obj else ()

    def save_model(self, request: HttpRequest, obj: RouteExample, form: ExampleForm, change: bool) -> None:
        table.write_example(by=staff_user(request), example=obj)

    def delete_model(self, request: HttpRequest, obj: RouteExample) -> None:
        table.remove_example(by=staff_user(request), example=obj)
