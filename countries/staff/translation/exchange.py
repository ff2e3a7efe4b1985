"""Exporting a language's interface texts, and importing them again: as `.po` or as a spreadsheet."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from audit.actions import JSON, record_event
from audit.permissions import Denied, why_not
from countries.languages import language_name
from countries.models import InterfaceTranslation, TranslationState
from countries.staff.requests.approvals import StaffMember
from countries.staff.requests.staff_pages import staff_page
from countries.staff.translation.actions import propose_text, save_draft
from countries.staff.translation.permissions import check_can_translate
from countries.staff.translation.standard_words import is_machine_made
from countries.staff.translation.views import WordsRequest, check_can_open_language, language_context
from countries.words.crisis_texts import texts_to_write
from countries.words.po_files import build_po, read_po
from countries.words.sources import SourceText, shipped_translations
from countries.words.spreadsheets import build_xlsx, read_xlsx
from countries.words.translated_rows import LARGEST_FILE, FileRefused, ImportReport, TranslatedRow, sort_rows

# Faulty rows on the page of an import; the number of all of them is said.
MOST_SHOWN = 500


class FileFormat(NamedTuple):
    media_type: str
    build: Callable[[str, Iterable[SourceText], Mapping[str, TranslatedRow]], bytes]
    read: Callable[[bytes, str], list[TranslatedRow]]


# By the ending of the file's name.
FORMATS = {
    "po": FileFormat("text/x-gettext-translation; charset=utf-8", build_po, read_po),
    "xlsx": FileFormat("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", build_xlsx, read_xlsx),
}


class WordsFileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("An exported file with translations, .po or .xlsx, at most 512 kB."),
        widget=forms.FileInput(attrs={"accept": ".po,.xlsx"}),
    )


def current_rows(tag: str) -> dict[str, TranslatedRow]:
    """By the text's digest, its newest translation: shipped, drafted, proposed or approved. One query."""
    sources = texts_to_write(tag)
    is_machine = is_machine_made(tag)
    rows = {digest: (forms, is_machine) for digest, forms in shipped_translations(tag).items()}
    states = [TranslationState.DRAFT, TranslationState.PROPOSED, TranslationState.APPROVED]
    typed = InterfaceTranslation.objects.filter(language=tag, state__in=states)
    newest = typed.order_by("digest", "-translated_at", "-pk").distinct("digest")
    for row in newest:
        # A machine's translation that a person approved is that person's.
        rows[row.digest] = (tuple(row.forms), row.is_machine_made and row.state != TranslationState.APPROVED)
    return {
        digest: TranslatedRow(source.context, source.singular, source.plural, *rows[digest])
        for digest, source in sources.items()
        if digest in rows
    }


@require_safe
def words_po(request: WordsRequest, words_tag: str) -> HttpResponse:
    return _export_file(request, words_tag, "po")


@require_safe
def words_xlsx(request: WordsRequest, words_tag: str) -> HttpResponse:
    return _export_file(request, words_tag, "xlsx")


def _export_file(request: WordsRequest, words_tag: str, ending: str) -> HttpResponse:
    """The language as a file; `?only=untranslated` has the texts that a person has not translated yet."""
    check_can_open_language(request.user, words_tag)
    rows, sources = current_rows(words_tag), tuple(texts_to_write(words_tag).values())
    if request.GET.get("only") == "untranslated":
        finished = {digest for digest, row in rows.items() if not row.is_machine_made}
        sources = tuple(source for source in sources if source.digest not in finished)
    used = FORMATS[ending]
    answer = HttpResponse(used.build(words_tag, sources, rows), content_type=used.media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="interface-texts-{words_tag}.{ending}"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def words_import(request: WordsRequest, words_tag: str) -> HttpResponse:
    check_can_open_language(request.user, words_tag)
    form = WordsFileForm(request.POST, request.FILES) if request.method == "POST" else WordsFileForm()
    report = None
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            report = import_file(
                by=request.user, language=words_tag, name=upload.name or "", content=upload.read(LARGEST_FILE + 1)
            )
        except FileRefused as refused:
            form.add_error("file", str(refused))
    context = {
        "title": _("%(language)s: import") % {"language": language_name(words_tag)},
        **language_context(words_tag),
        "form": form,
        "why_not": why_not(check_can_translate, request.user, words_tag),
        "report": report,
        "faulty_rows": report.faulty[:MOST_SHOWN] if report else [],
        "most_shown": MOST_SHOWN,
    }
    return staff_page(request, "countries/staff/translation/import.html", context, status=422 if form.errors else 200)


@transaction.atomic
def import_file(*, by: StaffMember, language: str, name: str, content: bytes) -> ImportReport:
    """Take every row that has no fault: machine-made ones as drafts, others as proposals.

    Raises Denied; FileRefused if nothing is taken.
    """
    check_can_translate(by, language)
    used = FORMATS.get(name.lower().rpartition(".")[2])
    if used is None:
        raise FileRefused(_("The name of the file must end in .po or .xlsx."))
    sources = texts_to_write(language)
    report = sort_rows(used.read(content, language), sources, current_rows(language), language)
    for digest, row in list(report.accepted.items()):
        source = sources[digest]
        try:
            if row.is_machine_made:
                save_draft(by=by, language=language, source=source, forms=row.forms, is_machine_made=True)
            else:
                reason = _("From an imported file.") if source.is_phrase_list else ""
                propose_text(by=by, language=language, source=source, forms=row.forms, reason=reason)
        except (ValidationError, Denied) as error:
            del report.accepted[digest]
            report.refuse(row, error.messages if isinstance(error, ValidationError) else [error.reason])
    details: dict[str, JSON] = {
        "language": language,
        "proposed": report.proposed,
        "drafted": report.drafted,
        "faulty": len(report.faulty),
    }
    record_event(by=by, action="words.import", details=details)
    return report
