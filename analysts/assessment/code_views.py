"""The code lists with their definitions, and their mapping to other code lists."""

from dataclasses import dataclass
from itertools import groupby

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
from analysts.assessment.permissions import check_can_correct_codes, check_can_see_codes
from analysts.assessment.schemes import OURS, THEIRS, Scheme
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
)
from analysts.codes.recipient_kinds import ReferralKind
from analysts.incidents.definitions import DEFINITIONS
from analysts.models import CodeCorrection
from audit.permissions import is_allowed
from countries.staff.requests.staff_pages import staff_page

NAMES: dict[type[TextChoices], Promise] = {
    Verdict: gettext_lazy("Verdict"),
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
class Option:
    code: str
    label: str
    definition: str
    # The verdicts that a reason goes with.
    verdicts: list[str]


@dataclass(frozen=True, slots=True)
class CodeList:
    id: str
    name: str
    options: list[Option]


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One of our codes and its code in another scheme; `correction` is set if that is not the default."""

    id: str
    key: str
    label: str
    target: str
    theirs: str
    shipped: str
    correction: CodeCorrection | None


@dataclass(frozen=True, slots=True)
class MappingGroup:
    """The rows for one of our code lists."""

    id: str
    name: str
    rows: list[MappingRow]


@dataclass(frozen=True, slots=True)
class SchemeTable:
    scheme: Scheme
    # The codes and labels of the scheme, after "nothing".
    choices: list[tuple[str, str]]
    parts: list[MappingGroup]

    @property
    def theirs(self) -> list[str]:
        return [label for code, label in self.choices if code]


class CorrectForm(forms.Form):
    row = forms.CharField(max_length=80)
    target = forms.CharField(max_length=40, required=False)
    shipped = forms.BooleanField(required=False)

    def clean_row(self) -> tuple[Scheme, mappings.Code]:
        default_row = next(
            (row for row in mappings.default_mapping() if row_key(*row) == self.cleaned_data["row"]), None
        )
        if default_row is None:
            raise forms.ValidationError(_("This code does not exist."))
        return default_row


@require_safe
def codes_page(request: StaffRequest) -> HttpResponse:
    check_can_see_codes(request.user)
    context = {
        "title": _("Code lists"),
        "lists": [code_list(choices) for choices in DEFINITIONS],
        "tables": scheme_tables(),
        "may_correct": is_allowed(check_can_correct_codes, request.user),
    }
    return staff_page(request, "analysts/assessment/codes.html", context)


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
    return redirect(f"{reverse('admin:codes')}#{row_id(scheme, code)}")


def code_list(choices: type[TextChoices]) -> CodeList:
    return CodeList(
        id=choices.__name__.lower(),
        name=str(NAMES[choices]),
        options=[
            Option(
                code=choice.value,
                label=str(choice.label),
                definition=str(DEFINITIONS[choices][choice]),
                verdicts=[str(verdict.label) for verdict, reasons in REASONS.items() if choice in reasons]
                if choices is Reason
                else [],
            )
            for choice in choices
        ],
    )


def scheme_tables() -> list[SchemeTable]:
    corrected = mappings.load_corrections()
    by_scheme = groupby(mappings.default_mapping().items(), key=lambda item: item[0][0])
    return [
        SchemeTable(
            scheme=scheme,
            choices=[("", _("nothing")), *((choice.value, str(choice.label)) for choice in THEIRS[scheme])],
            parts=[
                MappingGroup(
                    id=f"{scheme}-{name}",
                    name=str(NAMES[OURS[name]]),
                    rows=[
                        mapping_row(scheme, code, target, corrected.get((scheme, code))) for (_s, code), target in rows
                    ],
                )
                for name, rows in groupby(items, key=lambda item: item[0][1].list)
            ],
        )
        for scheme, items in by_scheme
    ]


def mapping_row(scheme: Scheme, code: mappings.Code, shipped: str, correction: CodeCorrection | None) -> MappingRow:
    target = correction.target if correction else shipped
    return MappingRow(
        id=row_id(scheme, code),
        key=row_key(scheme, code),
        label=str(code.choice.label),
        target=target,
        theirs=target_label(scheme, target),
        shipped=target_label(scheme, shipped),
        correction=correction,
    )


def target_label(scheme: Scheme, target: str) -> str:
    return str(THEIRS[scheme](target).label) if target else _("nothing")


def row_key(scheme: Scheme, code: mappings.Code) -> str:
    """The value that identifies a row in the form."""
    return f"{scheme}/{code}"


def row_id(scheme: Scheme, code: mappings.Code) -> str:
    return f"{scheme}-{code.list}-{code.value}"
