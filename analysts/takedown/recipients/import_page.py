"""Views for importing recipients from a spreadsheet: upload, preview and confirmation."""

import hashlib
from collections.abc import Mapping

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.takedown.recipients import permissions, sheet
from analysts.takedown.recipients.importing import take_in
from countries.staff.requests.staff_pages import staff_page


class SheetForm(forms.Form):
    """A file or pasted text. `read` is the parsed sheet once the form is valid."""

    use_required_attribute = False

    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        allow_empty_file=True,
        help_text=gettext_lazy("CSV in UTF-8, separated by commas or semicolons; at most 256 kB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt"}),
    )
    text = forms.CharField(
        label=gettext_lazy("Or paste the lines here"),
        required=False,
        strip=False,
        help_text=gettext_lazy("Include the line with the column names, as copied from a file or a spreadsheet."),
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
    )
    # `preview_digest` of the preview that the user confirms; empty on the first upload.
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    read: sheet.Sheet

    def __init__(
        self, data: Mapping[str, object] | None = None, files: "MultiValueDict[str, UploadedFile[bytes]] | None" = None
    ) -> None:
        super().__init__(data, files, label_suffix="")

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        file, text = cleaned.get("file"), cleaned.get("text", "")
        if file and text.strip():
            self.add_error("text", _("Choose a file or paste text, not both."))
        elif not file and not text.strip():
            self.add_error("file", _("Choose a file, or paste text below."))
        else:
            try:
                cleaned["text"] = sheet.text_of(file.read(sheet.LARGEST + 1)) if file else text
                self.read = sheet.read_sheet(cleaned["text"])
            except ValidationError as error:
                self.add_error("file" if file else "text", error)
        return cleaned


@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: StaffRequest) -> HttpResponse:
    permissions.check_can_edit(request.user)
    form = SheetForm(request.POST, request.FILES) if request.method == "POST" else SheetForm()
    if not form.is_valid():
        context = {"title": _("Import recipients from a file"), "form": form, "columns": sheet.COLUMNS.items()}
        return staff_page(
            request, "analysts/takedown/recipients/import.html", context, status=422 if form.errors else 200
        )
    if form.cleaned_data["seen"] != preview_digest(form.read):
        return preview_page(request, form)
    number = take_in(by=request.user, lines=form.read.lines)
    messages.success(request, import_summary(number.added, number.changed))
    if number.late:
        lines = ", ".join(map(str, number.late))
        late = _("Not imported, because recipients with these names were added in the meantime: lines %(lines)s.")
        messages.warning(request, late % {"lines": lines})
    return redirect("admin:recipients")


def preview_page(request: StaffRequest, form: SheetForm) -> HttpResponse:
    context = {
        "title": _("Import preview"),
        "sheet": form.read,
        "refused": form.read.of("refuse"),
        "added": form.read.of("add"),
        "changed": form.read.of("change"),
        "kept": form.read.of("keep"),
        # Form fields cannot contain NUL; the line that has one is refused anyway.
        "text": form.cleaned_data["text"].replace("\0", sheet.NOTHING),
        "seen": preview_digest(form.read),
        # The user confirmed an earlier preview, which no longer matches the file and the recipients.
        "moved": bool(form.cleaned_data["seen"]),
    }
    return staff_page(request, "analysts/takedown/recipients/preview.html", context)


def preview_digest(read: sheet.Sheet) -> str:
    """Return a digest of everything the preview would change, to detect differences on confirmation."""
    content = [(line.number, line.fate, line.changes, sorted(map(str, line.details.items()))) for line in read.lines]
    return hashlib.sha256(repr(content).encode()).hexdigest()


def import_summary(added: int, changed: int) -> str:
    new = ngettext("%(number)d recipient added.", "%(number)d recipients added.", added) % {"number": added}
    others = ngettext("%(number)d recipient changed.", "%(number)d recipients changed.", changed) % {"number": changed}
    return f"{new} {others} " + _("New recipients and changed contact details have to be verified by a second person.")


@require_safe
def example_file(request: StaffRequest) -> HttpResponse:
    permissions.check_can_edit(request.user)
    # With a byte order mark, so that spreadsheets detect UTF-8.
    answer = HttpResponse("\ufeff" + sheet.EXAMPLE, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="recipients.csv"'
    return answer
