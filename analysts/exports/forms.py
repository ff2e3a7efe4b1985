"""The form that orders an export of incidents."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.codes import Role
from analysts.exports.actions import ExportPurpose
from analysts.exports.incident_table import COLUMNS
from analysts.models import ExportFormat, User
from audit.free_text import refuse_addresses

NO_ADDRESSES, DEFANGED = "none", "defanged"


class OrderIncidents(forms.Form):
    use_required_attribute = False

    columns = forms.MultipleChoiceField(
        label=gettext_lazy("Columns"),
        choices=[(name, column.heading) for name, column in COLUMNS.items()],
        initial=[name for name, column in COLUMNS.items() if column.is_usual],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one column.")},
    )
    format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=ExportFormat.choices,
        initial=ExportFormat.CSV,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("CSV for any number of rows, XLSX for at most 1,048,575."),
    )
    addresses = forms.ChoiceField(
        label=gettext_lazy("Addresses"),
        choices=[
            (NO_ADDRESSES, gettext_lazy("No addresses")),
            (DEFANGED, gettext_lazy("Defanged: each counts as revealed to you")),
        ],
        initial=NO_ADDRESSES,
        widget=forms.RadioSelect,
    )
    purpose = forms.ChoiceField(
        label=gettext_lazy("Reason for addresses"),
        choices=[("", "---------"), *ExportPurpose.choices],
        required=False,
        help_text=gettext_lazy("Recorded in the audit log. Only with addresses."),
    )

    def __init__(self, data: Mapping[str, object] | None = None, *, user: User) -> None:
        super().__init__(data)
        if user.role != Role.SENIOR:
            del self.fields["addresses"], self.fields["purpose"]

    @property
    def has_addresses(self) -> bool:
        return self.cleaned_data.get("addresses") == DEFANGED

    def clean(self) -> None:
        if self.has_addresses and not self.cleaned_data.get("purpose"):
            self.add_error("purpose", _("Choose the reason for which addresses are exported."))


class OrderEvents(forms.Form):
    """The form that orders an export of the audit log."""

    use_required_attribute = False

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("Recorded with the filters and the number of events. Never enter a reported address."),
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
        validators=[refuse_addresses],
    )
    format = forms.ChoiceField(
        label=gettext_lazy("Format"), choices=ExportFormat.choices, initial=ExportFormat.CSV, widget=forms.RadioSelect
    )
