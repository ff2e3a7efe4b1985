"""The code lists with their definitions, and their mapping to other code lists."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.db.models import TextChoices
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment import mappings
from analysts.assessment.mappings import OURS, THEIRS, Scheme
from analysts.assessment.permissions import check_can_correct_codes, check_can_see_codes
from analysts.codes import (
    REASONS,
    AgeBand,
    Closing,
    Commerciality,
    ContentKind,
    ContentWarning,
    Flag,
    FoundOn,
    PaymentKind,
    Reason,
    Severity,
    Sex,
    SiteType,
    Verdict,
    VerdictBasis,
)
from analysts.codes.recipient_kinds import ReferralKind
from analysts.incidents.definitions import DEFINITIONS
from analysts.models import CodeCorrection
from audit.permissions import is_allowed
from countries.staff.requests.staff_pages import staff_page

NAMES: dict[type[TextChoices], Promise] = {
    Verdict: gettext_lazy("Verdict"),
    VerdictBasis: gettext_lazy("The verdict rests on"),
    Severity: gettext_lazy("Severity"),
    AgeBand: gettext_lazy("Age of the youngest child"),
    Sex: gettext_lazy("Sex"),
    Flag: gettext_lazy("Flags"),
    ContentWarning: gettext_lazy("Content warning"),
    Reason: gettext_lazy("Reason"),
    ContentKind: gettext_lazy("Kind of content"),
    SiteType: gettext_lazy("Site type"),
    Commerciality: gettext_lazy("Commerciality"),
    PaymentKind: gettext_lazy("Payment"),
    FoundOn: gettext_lazy("Found on"),
    ReferralKind: gettext_lazy("Referral"),
    Closing: gettext_lazy("Closed as"),
}


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One of our codes and its code in another scheme."""

    scheme: Scheme
    code: mappings.Code
    shipped: str
    correction: CodeCorrection | None

    @property
    def list_name(self) -> Promise:
        return NAMES[OURS[self.code.list]]

    @property
    def target(self) -> str:
        return self.correction.target if self.correction else self.shipped

    @property
    def label(self) -> str:
        return target_label(self.scheme, self.target)

    @property
    def shipped_label(self) -> str:
        return target_label(self.scheme, self.shipped)


def target_label(scheme: Scheme, target: str) -> str:
    return str(THEIRS[scheme](target).label) if target else _("nothing")


def rows_by_key() -> dict[str, tuple[Scheme, mappings.Code]]:
    return {f"{scheme}/{code}": (scheme, code) for scheme, code in mappings.default_mapping()}


class CorrectForm(forms.Form):
    row = forms.TypedChoiceField(
        choices=lambda: [(key, key) for key in rows_by_key()], coerce=lambda key: rows_by_key()[key]
    )
    target = forms.CharField(max_length=40, required=False)
    shipped = forms.BooleanField(required=False)


@require_safe
def codes_page(request: StaffRequest) -> HttpResponse:
    check_can_see_codes(request.user)
    corrections = mappings.load_corrections()
    context = {
        "title": _("Code lists"),
        "lists": [(choices.__name__.lower(), NAMES[choices], defined_choices(choices)) for choices in DEFINITIONS],
        "rows": [
            MappingRow(*row, shipped, corrections.get(row)) for row, shipped in mappings.default_mapping().items()
        ],
        "scheme_codes": [(scheme, THEIRS[scheme]) for scheme in Scheme],
        "may_correct": is_allowed(check_can_correct_codes, request.user),
    }
    return staff_page(request, "analysts/assessment/codes.html", context)


def defined_choices(choices: type[TextChoices]) -> list[tuple[TextChoices, str, list[str]]]:
    """Each choice with its definition; a reason also with the verdicts that it goes with."""
    verdicts = REASONS if choices is Reason else {}
    return [
        (
            choice,
            str(DEFINITIONS[choices][choice]),
            [str(verdict.label) for verdict, reasons in verdicts.items() if choice in reasons],
        )
        for choice in choices
    ]


@require_POST
def correct_code(request: StaffRequest) -> HttpResponse:
    check_can_correct_codes(request.user)
    form = CorrectForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This code does not exist."))
        return redirect("admin:codes")
    scheme, code = form.cleaned_data["row"]
    target = None if form.cleaned_data["shipped"] else form.cleaned_data["target"]
    mappings.correct_mapping(by=request.user, scheme=scheme, code=code, target=target)
    messages.success(request, _("Mapping corrected: %(code)s.") % {"code": code.choice.label})
    return redirect(f"{reverse('admin:codes')}#{scheme}-{code.list}-{code.value}")
