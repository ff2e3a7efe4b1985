"""Form base of rows that operators verify: a save stores what was verified, or leaves a verification that has ended."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.generic_classes import ModelForm
from countries.models.verification import VerifiedModel
from countries.staff.requests.staff_pages import format_day


class VerifiedForm(ModelForm[Any]):
    """A new name or day verifies the row as it is saved; so does the box, where name and day stay the same.

    Subclasses call `record_verification` once the row and its names are as they will be stored.
    """

    # The fields in which a person enters that the row was verified.
    marks: tuple[str, ...] = ("verified_by", "verified_on")

    verified_again = forms.BooleanField(
        label=gettext_lazy("Verified again as written here"),
        required=False,
        help_text=gettext_lazy("Needed after a change of verified details, where the name and the day stay the same."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row: VerifiedModel = self.instance
        if row.pk and row.has_changed_since_verified and "verified_again" in self.fields:
            self.fields["verified_again"].help_text = describe_lapse(row)

    def record_verification(self) -> None:
        """Set the digest on the unsaved instance. A row whose mark was removed has none."""
        row: VerifiedModel = self.instance
        if not getattr(row, row.MARK):
            row.verified_digest = ""
        elif {*self.marks, "verified_again"} & {*self.changed_data}:
            row.mark_verified()


def describe_lapse(row: VerifiedModel) -> str:
    """That a row is not verified since it changed, and who verified it before, as far as is known."""
    name, day = getattr(row, "verified_by", ""), getattr(row, "verified_on", None)
    if not name:
        return _("Not confirmed since it changed.")
    words = {"name": name, "date": format_day(day)}
    return _("Not verified since it changed. %(name)s verified the earlier details on %(date)s.") % words
