"""Pages beside a language's list: texts whose English source changed, and the glossary."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.permissions import why_not
from countries.models import ApprovedText, GlossaryTerm
from countries.staff.requests.staff_pages import staff_page
from countries.staff.translation.actions import add_term, find_source, remove_gone_text, remove_term, save_draft
from countries.staff.translation.forms import TermForm
from countries.staff.translation.permissions import check_can_review, check_can_translate
from countries.staff.translation.source_changes import find_changed_texts
from countries.staff.translation.views import WordsRequest, check_can_open_language, language_context


class ChangedTextForm(forms.Form):
    """Which changed text becomes a draft of which new one; without a new one, it is removed."""

    old = forms.IntegerField(min_value=1, max_value=2**62)
    new = forms.CharField(max_length=64, required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def words_changed(request: WordsRequest, words_tag: str) -> HttpResponse:
    """The changed texts. A POST saves an old translation as a draft of the new source and opens that, or removes it."""
    check_can_open_language(request.user, words_tag)
    refusal = ""
    if request.method == "POST":
        form = ChangedTextForm(request.POST)
        if form.is_valid():
            old = get_object_or_404(ApprovedText, language=words_tag, pk=form.cleaned_data["old"])
            if not form.cleaned_data["new"]:
                remove_gone_text(by=request.user, text=old)
                messages.success(request, _("Removed."))
                return redirect("admin:words_changed", words_tag)
            try:
                source = find_source(words_tag, form.cleaned_data["new"])
                save_draft(by=request.user, language=words_tag, source=source, forms=old.forms)
            except ValidationError as error:
                refusal = " ".join(error.messages)
            else:
                messages.success(request, _("Saved as a draft. Correct it, then propose it."))
                return redirect("admin:words_text", words_tag, source.digest)
        else:
            refusal = _("Choose a text.")
    changed, number = find_changed_texts(words_tag)
    context = {
        **language_context(words_tag),
        "title": _("Changed English texts"),
        "changed": changed,
        "number": number,
        "refusal": refusal,
        "why_not": why_not(check_can_translate, request.user, words_tag),
        "why_not_remove": why_not(check_can_review, request.user, words_tag),
    }
    return staff_page(request, "countries/staff/translation/changed.html", context, status=422 if refusal else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def words_glossary(request: WordsRequest, words_tag: str) -> HttpResponse:
    """The glossary of a language. A POST adds a term, or removes the one named in `remove`."""
    check_can_open_language(request.user, words_tag)
    form = TermForm()
    if request.method == "POST" and request.POST.get("remove", "").isdecimal():
        term = get_object_or_404(GlossaryTerm, language=words_tag, pk=request.POST["remove"][:18])
        remove_term(by=request.user, term=term)
        messages.success(request, _("Removed."))
        return redirect("admin:words_glossary", words_tag)
    if request.method == "POST":
        form = TermForm(request.POST)
        if form.is_valid():
            try:
                add_term(by=request.user, language=words_tag, **form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error.messages)
            else:
                messages.success(request, _("Added."))
                return redirect("admin:words_glossary", words_tag)
    context = {
        **language_context(words_tag),
        "title": _("Glossary"),
        "terms": GlossaryTerm.objects.filter(language=words_tag),
        "form": form,
        "why_not": why_not(check_can_translate, request.user, words_tag),
    }
    return staff_page(request, "countries/staff/translation/glossary.html", context, status=422 if form.errors else 200)
