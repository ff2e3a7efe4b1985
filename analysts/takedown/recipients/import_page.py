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
from analysts.takedown.recipients import permissions
from analysts.takedown.recipients.importing import take_in
from analysts.takedown.recipients.sheet import COLUMNS, EXAMPLE, MAX_BYTES, REPLACEMENT, Sheet, read_sheet
from countries.csv_files import BYTE_ORDER_MARK, csv_response
from countries.staff.requests.staff_pages import staff_page


class SheetForm(forms.Form):
    """A file or pasted text. `sheet` is there once the form is valid."""

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
    digest = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    sheet: Sheet

    def __init__(
        self, data: Mapping[str, object] | None = None, files: "MultiValueDict[str, UploadedFile[bytes]] | None" = None
    ) -> None:
        super().__init__(data, files, label_suffix="")

    def clean(self) -> None:
        file, text = self.cleaned_data.get("file"), self.cleaned_data.get("text", "")
        if file and text.strip():
            self.add_error("text", _("Choose a file or paste text, not both."))
        elif not file and not text.strip():
            self.add_error("file", _("Choose a file, or paste text below."))
        else:
            try:
                self.sheet = read_sheet(file.read(MAX_BYTES + 1) if file else text.encode(errors="replace"))
            except ValidationError as error:
                self.add_error("file" if file else "text", error)


@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: StaffRequest) -> HttpResponse:
    permissions.check_can_edit(request.user)
    form = SheetForm(request.POST, request.FILES) if request.method == "POST" else SheetForm()
    if not form.is_valid():
        context = {"title": _("Import recipients from a file"), "form": form, "columns": COLUMNS.items()}
        return staff_page(
            request, "analysts/takedown/recipients/import.html", context, status=422 if form.errors else 200
        )
    if form.cleaned_data["digest"] != preview_digest(form.sheet):
        return preview_page(request, form)
    added, changed, late_lines = take_in(by=request.user, lines=form.sheet.lines)
    messages.success(request, import_summary(added, changed))
    if late_lines:
        late = _("Not imported, because recipients with these names were added in the meantime: lines %(lines)s.")
        messages.warning(request, late % {"lines": ", ".join(map(str, late_lines))})
    return redirect("admin:recipients")


def preview_page(request: StaffRequest, form: SheetForm) -> HttpResponse:
    sheet = form.sheet
    context = {
        "title": _("Import preview"),
        "sheet": sheet,
        "refused": sheet.of("refuse"),
        "added": sheet.of("add"),
        "changed": sheet.of("change"),
        "unchanged": sheet.of("keep"),
        # Form fields cannot contain NUL; the line that has one is refused anyway.
        "text": sheet.text.replace("\0", REPLACEMENT),
        "digest": preview_digest(sheet),
        # The user confirmed an earlier preview, which no longer matches the file and the recipients.
        "moved": bool(form.cleaned_data["digest"]),
    }
    return staff_page(request, "analysts/takedown/recipients/preview.html", context)


def preview_digest(sheet: Sheet) -> str:
    """Return a digest of everything the preview would change, to detect differences on confirmation."""
    content = [
        (line.number, line.outcome, line.changes, sorted(map(str, line.details.items()))) for line in sheet.lines
    ]
    return hashlib.sha256(repr(content).encode()).hexdigest()


def import_summary(added: int, changed: int) -> str:
    new = ngettext("%(number)d recipient added.", "%(number)d recipients added.", added) % {"number": added}
    others = ngettext("%(number)d recipient changed.", "%(number)d recipients changed.", changed) % {"number": changed}
    return f"{new} {others} " + _("New recipients and changed contact details have to be verified by a second person.")


@require_safe
def example_file(request: StaffRequest) -> HttpResponse:
    permissions.check_can_edit(request.user)
    return csv_response(BYTE_ORDER_MARK + EXAMPLE, "recipients.csv")
