"""Recipients from a spreadsheet: what each line would do is shown first, and done once somebody confirms."""

import hashlib
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.takedown.recipients import permissions, sheet
from analysts.takedown.recipients.importing import take_in
from countries.staff.staff_pages import staff_page


class SheetForm(forms.Form):
    """A file or pasted text. `read` is what it says."""

    use_required_attribute = False

    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        allow_empty_file=True,
        help_text=gettext_lazy("CSV in UTF-8, separated by commas or semicolons; at most 256 kB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt"}),
    )
    text = forms.CharField(
        label=gettext_lazy("Or paste it here"),
        required=False,
        strip=False,
        help_text=gettext_lazy("With the line that names the columns, as copied from a file or a spreadsheet."),
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
    )
    # Of the preview that is confirmed; empty while there is none.
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    read: sheet.Sheet

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, label_suffix="")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        file, text = said.get("file"), said.get("text", "")
        if file and text.strip():
            self.add_error("text", _("Either a file or pasted text, not both."))
        elif not file and not text.strip():
            self.add_error("file", _("Choose a file, or paste something below."))
        else:
            try:
                said["text"] = sheet.text_of(file.read(sheet.LARGEST + 1)) if file else text
                self.read = sheet.read_sheet(said["text"])
            except ValidationError as error:
                self.add_error("file" if file else "text", error)
        return said


@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: StaffRequest) -> HttpResponse:
    permissions.check_can_edit(request.user)
    form = SheetForm(request.POST, request.FILES) if request.method == "POST" else SheetForm()
    if not form.is_valid():
        context = {"title": _("Recipients from a file"), "form": form, "columns": sheet.COLUMNS.items()}
        return staff_page(
            request, "analysts/takedown/recipients/import.html", context, status=422 if form.errors else 200
        )
    if form.cleaned_data["seen"] != preview_digest(form.read):
        return preview_page(request, form)
    taken = take_in(by=request.user, lines=form.read.lines)
    messages.success(request, import_summary(taken.added, taken.changed))
    if taken.late:
        lines = ", ".join(map(str, taken.late))
        messages.warning(request, _("Somebody else was faster with these lines: %(lines)s.") % {"lines": lines})
    return redirect("admin:recipients")


def preview_page(request: StaffRequest, form: SheetForm) -> HttpResponse:
    context = {
        "title": _("What the file would do"),
        "sheet": form.read,
        "refused": form.read.of("refuse"),
        "added": form.read.of("add"),
        "changed": form.read.of("change"),
        "kept": form.read.of("keep"),
        # No form may hold that character: the line with it is refused anyway.
        "text": form.cleaned_data["text"].replace("\0", sheet.NOTHING),
        "seen": preview_digest(form.read),
        # Of an earlier preview, which meanwhile would do something else.
        "moved": bool(form.cleaned_data["seen"]),
    }
    return staff_page(request, "analysts/takedown/recipients/preview.html", context)


def preview_digest(read: sheet.Sheet) -> str:
    """Stands for what a preview showed: another one where a line would do something else by now."""
    said = [(line.number, line.fate, line.changes, sorted(map(str, line.details.items()))) for line in read.lines]
    return hashlib.sha256(repr(said).encode()).hexdigest()


def import_summary(added: int, changed: int) -> str:
    new = ngettext("%(number)d recipient is new.", "%(number)d recipients are new.", added) % {"number": added}
    others = ngettext("%(number)d was changed.", "%(number)d were changed.", changed) % {"number": changed}
    return f"{new} {others} " + _("Nothing is sent to those before somebody else has verified them.")


@require_safe
def example_file(request: StaffRequest) -> HttpResponse:
    permissions.check_can_edit(request.user)
    # With the mark by which spreadsheets know UTF-8.
    answer = HttpResponse("\ufeff" + sheet.EXAMPLE, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="recipients.csv"'
    return answer
