"""Form fields that record the review of a portal's texts, and the inline that shows the status of each."""

from datetime import date
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.generic_classes import ModelForm, StackedInline
from countries.models import Portal, PortalText, PortalTextPart
from countries.staff.document.text_reviews import PartStatus, part_statuses, save_review
from countries.staff.requests.staff_pages import format_day

REVIEW_FORM_FIELDS = ("reviewed_by", "reviewed_on", "reviewed_parts")


def describe_status(status: PartStatus) -> str:
    """The text's name and the status of its review."""
    if review := status.review or status.ended:
        words = {
            "text": status.part.label,
            "name": review.reviewed_by,
            "date": format_day(review.reviewed_on),
        }
        if status.review:
            return _("%(text)s: reviewed by %(name)s on %(date)s") % words
        return _("%(text)s: changed since the review by %(name)s on %(date)s") % words
    words = {"text": status.part.label}
    return _("%(text)s: empty") % words if status.is_empty else _("%(text)s: not reviewed") % words


class ReviewedTextForm(ModelForm[PortalText]):
    """Form of a portal's texts in one language. A name and a day record a review of the ticked texts, as saved."""

    # The account that saves; see `ReviewedTextInline`.
    operator_id: int | None = None

    reviewed_by = forms.CharField(
        label=gettext_lazy("Reviewed by"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("A named speaker of the language, to record a new review."),
    )
    reviewed_on = forms.DateField(label=gettext_lazy("Reviewed on"), required=False, widget=AdminDateWidget)
    reviewed_parts = forms.MultipleChoiceField(
        label=gettext_lazy("Texts that were reviewed"),
        required=False,
        choices=PortalTextPart.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("The review of a text ends when the text changes."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "reviewed_parts" not in self.fields:
            return
        statuses = part_statuses(self.instance, timezone.localdate())
        field = cast(forms.MultipleChoiceField, self.fields["reviewed_parts"])
        field.choices = [(status.part.value, describe_status(status)) for status in statuses]
        self.initial["reviewed_parts"] = [status.part.value for status in statuses if status.review is None]

    def clean(self) -> dict[str, Any]:
        """Name and day are both given, with a text, or neither."""
        super().clean()
        cleaned = self.cleaned_data
        name, day = cleaned.get("reviewed_by"), cleaned.get("reviewed_on")
        if name and not day and "reviewed_on" not in self.errors:
            self.add_error("reviewed_on", _("Say when the text was reviewed."))
        if day and not name and "reviewed_by" not in self.errors:
            self.add_error("reviewed_by", _("Say who reviewed the text."))
        if day and day > timezone.localdate():
            self.add_error("reviewed_on", _("This day is in the future."))
        if name and day and not cleaned.get("reviewed_parts") and "reviewed_parts" not in self.errors:
            self.add_error("reviewed_parts", _("Tick the texts that were reviewed."))
        return cleaned

    def save(self, commit: bool = True) -> PortalText:
        text: PortalText = super().save(commit)
        if commit:
            self._save_reviews(text)
        return text

    def _save_reviews(self, text: PortalText) -> None:
        name: str | None = self.cleaned_data.get("reviewed_by")
        day: date | None = self.cleaned_data.get("reviewed_on")
        if not name or day is None:
            return
        for part in self.cleaned_data.get("reviewed_parts", []):
            if getattr(text, part).strip():
                save_review(text, PortalTextPart(part), reviewed_by=name, reviewed_on=day, recorded_by=self.operator_id)


class ReviewedTextInline(StackedInline[PortalText, Portal]):
    """Inline of a portal's texts. Users who only read the page see a list instead of the fields of `ReviewedTextForm`.

    List REVIEW_FORM_FIELDS in `fields`.
    """

    def get_queryset(self, request: HttpRequest) -> QuerySet[PortalText]:
        return super().get_queryset(request).prefetch_related("reviews")

    def get_fields(self, request: HttpRequest, obj: Portal | None = None) -> list[Any]:
        fields = list(super().get_fields(request, obj))
        if self.has_change_permission(request, obj):
            return fields
        return [*(field for field in fields if not _is_review_field(field)), "reviews_shown"]

    def get_readonly_fields(self, request: HttpRequest, obj: Portal | None = None) -> tuple[str, ...]:
        return () if self.has_change_permission(request, obj) else ("reviews_shown",)

    def get_formset(self, request: HttpRequest, obj: Portal | None = None, **kwargs: Any) -> Any:
        form = type(self.form.__name__, (self.form,), {"operator_id": request.user.pk})
        return super().get_formset(request, obj, **{"form": form, **kwargs})

    @admin.display(description=gettext_lazy("reviews"))
    def reviews_shown(self, text: PortalText) -> str:
        statuses = part_statuses(text, timezone.localdate())
        return format_html_join("", "<div>{}</div>", ((describe_status(status),) for status in statuses))


def _is_review_field(field: object) -> bool:
    return bool({field, *(field if isinstance(field, tuple) else ())} & {*REVIEW_FORM_FIELDS})
