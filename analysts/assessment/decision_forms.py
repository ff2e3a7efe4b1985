"""The assessment form: every option with its definition."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from analysts.codes import (
    REASONS,
    SHOWS_CHILD,
    SHOWS_NO_CHILD,
    AgeBand,
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
    UndoReason,
    Verdict,
    VerdictBasis,
)
from analysts.incidents.definitions import definition_of
from analysts.incidents.page_kit import ActionForm, ClaimActionForm

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class CodeField(forms.ChoiceField):
    """One code of a list, as radio buttons with definitions.

    With `none`, a last button clears the choice, which is otherwise impossible without a script.
    """

    def __init__(self, codes: type[TextChoices], *, none: bool = False, required: bool = False, **options: Any) -> None:
        choices = [*codes.choices, *([("", "–")] if none else [])]
        super().__init__(choices=choices, widget=Radios(codes), required=required, **options)


class CodeSetField(forms.MultipleChoiceField):
    """Several codes of a list, as checkboxes with definitions."""

    def __init__(self, codes: type[TextChoices], *, label: "StrOrPromise", help_text: "StrOrPromise" = "") -> None:
        super().__init__(choices=codes.choices, widget=Boxes(codes), required=False, label=label, help_text=help_text)


class _DefinedChoices(forms.widgets.ChoiceWidget):
    def __init__(self, codes: type[TextChoices]) -> None:
        super().__init__()
        self.codes = codes

    def create_option(self, name: str, value: object, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if value:
            code = self.codes(str(value))
            option["definition"] = definition_of(code)
            if isinstance(code, Verdict):
                # The same in each form, whichever verdicts that offers.
                option["digit"] = str([*Verdict].index(code) + 1)
            if isinstance(code, Reason):
                option["of"] = " ".join(verdict.value for verdict, reasons in REASONS.items() if code in reasons)
        return option


class Radios(_DefinedChoices, forms.RadioSelect):
    pass


class Boxes(_DefinedChoices, forms.CheckboxSelectMultiple):
    pass


@dataclass(frozen=True, slots=True)
class ChoiceGroup:
    """How the form shows the options of a field. `is_folded`: folded, because it usually keeps its initial value."""

    field: str
    key: str = ""
    # The answers to other fields for which it is asked: for the script.
    asked_if: str = ""
    is_needed: bool = False
    is_folded: bool = False

    @property
    def template(self) -> str:
        return f"analysts/assessment/_{'more_choices' if self.is_folded else 'choices'}.html"


ILLEGAL, OTHERS = "verdict=illegal", "verdict=not_illegal not_assessed outside_remit"
CHILD = f"severity={' '.join(SHOWS_CHILD)}"
CHOICE_GROUPS = (
    ChoiceGroup("verdict", is_needed=True, key="q"),
    ChoiceGroup("severity", is_needed=True, asked_if=ILLEGAL),
    ChoiceGroup("age_band", is_needed=True, asked_if=CHILD),
    ChoiceGroup("sex", is_needed=True, asked_if=CHILD),
    ChoiceGroup("reason", is_needed=True, asked_if=OTHERS),
    ChoiceGroup("basis", is_needed=True, is_folded=True, key="B", asked_if=ILLEGAL),
    ChoiceGroup("flags", is_folded=True, key="l"),
    ChoiceGroup("notices", is_folded=True, key="w"),
    ChoiceGroup("content_kind", is_folded=True, key="i"),
    ChoiceGroup("found_on", is_folded=True, key="o"),
    ChoiceGroup("commerciality", is_folded=True, key="m"),
    ChoiceGroup("payment", is_folded=True, key="p", asked_if="commerciality=commercial"),
    ChoiceGroup("site_type", is_folded=True, key="t"),
)


class Assess(ClaimActionForm):
    template_name = "analysts/assessment/_assess.html"

    verdict = CodeField(Verdict, label=_("Verdict"), required=True)
    severity = CodeField(Severity, none=True, label=_("Severity"), help_text=_("The most severe content visible."))
    age_band = CodeField(AgeBand, none=True, label=_("Age"), help_text=_("The youngest child visible."))
    sex = CodeField(Sex, none=True, label=_("Sex"))
    reason = CodeField(Reason, none=True, label=_("Reason"))
    basis = CodeField(
        VerdictBasis,
        label=_("The verdict rests on"),
        help_text=_("No notice leaves before the content has been seen."),
        initial=VerdictBasis.SEEN.value,
    )
    flags = CodeSetField(Flag, label=_("Flags"))
    notices = CodeSetField(
        ContentWarning,
        label=_("Content warnings"),
        help_text=_("Category A and the two youngest age bands set a warning automatically."),
    )
    content_kind = CodeField(ContentKind, label=_("Kind of content"), initial=ContentKind.NOT_DETERMINED.value)
    found_on = CodeField(
        FoundOn,
        label=_("Found on"),
        help_text=_("Where the reporter found the content. Confirm or correct what they said."),
        initial=FoundOn.NOT_DETERMINED.value,
    )
    site_type = CodeField(SiteType, label=_("Site type"), initial=SiteType.NOT_DETERMINED.value)
    commerciality = CodeField(Commerciality, label=_("Commerciality"), initial=Commerciality.NOT_DETERMINED.value)
    payment = CodeField(PaymentKind, none=True, label=_("Payment"))

    OF_CHILD: ClassVar = ("age_band", "sex")
    CLASSIFICATION: ClassVar = ("severity", *OF_CHILD)
    # The values of fields that are left empty.
    DEFAULTS: ClassVar = {
        "content_kind": ContentKind.NOT_DETERMINED,
        "found_on": FoundOn.NOT_DETERMINED,
        "site_type": SiteType.NOT_DETERMINED,
        "commerciality": Commerciality.NOT_DETERMINED,
    }

    @property
    def choice_groups(self) -> list[tuple[ChoiceGroup, forms.BoundField, bool]]:
        """The groups of options, each with its field, and whether that has its usual value, with nothing of a case."""
        return [
            (group, self[group.field], not self.is_bound and group.field not in self.initial) for group in CHOICE_GROUPS
        ]

    def clean(self) -> dict[str, object]:
        """An illegal verdict needs a classification and no reason; any other verdict needs a matching reason.

        Values that contradict the verdict are refused, not dropped: the verdict itself may be the mistake.
        """
        for name, code in self.DEFAULTS.items():
            self.cleaned_data[name] = self.cleaned_data.get(name) or code
        verdict = self.cleaned_data.get("verdict")
        if verdict == Verdict.ILLEGAL:
            self._demand("severity", message=_("Required for an illegal verdict."))
            if self.cleaned_data.get("severity") in SHOWS_NO_CHILD:
                self._refuse(
                    *self.OF_CHILD, message=_("This severity shows no child. Clear this field or change the severity.")
                )
            else:
                self._demand(*self.OF_CHILD, message=_("Required for this severity."))
            self._refuse(
                "reason",
                message=_("An illegal verdict has no reason. Clear this field or change the verdict."),
            )
            self._check_drawn()
        elif verdict:
            self._demand("reason", message=_("Choose a reason."))
            self._refuse(
                *self.CLASSIFICATION,
                message=_("Only for an illegal verdict. Clear this field or change the verdict."),
            )
            self._check_reason(Verdict(verdict))
        if self.cleaned_data["commerciality"] != Commerciality.COMMERCIAL:
            self._refuse("payment", message=_("Only for commercial content. Clear this field or choose “commercial”."))
        return self.cleaned_data

    def _check_drawn(self) -> None:
        if self.cleaned_data.get("severity") == Severity.PROHIBITED and Flag.DRAWN not in self.cleaned_data.get(
            "flags", ()
        ):
            self.add_error("flags", _("Prohibited images are non-photographic. Add the flag “virtual or drawn”."))

    def _check_reason(self, verdict: Verdict) -> None:
        reason = self.cleaned_data.get("reason")
        if reason and reason not in REASONS[verdict]:
            self.add_error("reason", _("This reason does not apply to this verdict."))

    def _demand(self, *names: str, message: "StrOrPromise") -> None:
        for name in names:
            if not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, message)

    def _refuse(self, *names: str, message: "StrOrPromise") -> None:
        for name in names:
            if self.cleaned_data.get(name):
                self.add_error(name, message)


class Undo(ActionForm):
    assessment = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label=_("Reason"), choices=UndoReason.choices, widget=forms.RadioSelect, initial=UndoReason.SLIP
    )
