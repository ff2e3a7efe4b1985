"""The page on which an administrator requests the languages of a translator's account."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from analysts.accounts import language_approvals, recent_sign_in
from analysts.accounts.permissions import check_is_administrator
from analysts.accounts.staff_request import StaffRequest
from analysts.models import User
from audit.permissions import Denied
from audit.reason_field import ReasonField
from countries.converters import LANGUAGE_TAG
from countries.languages import language_name
from countries.models import ApprovalRequest
from countries.staff.requests.staff_pages import staff_page
from countries.staff.translation.status import words_languages
from countries.staff.translation.subtag_registry import check_tag

MOST_LANGUAGES = 20
TAGS = RegexValidator(
    rf"^({LANGUAGE_TAG}( {LANGUAGE_TAG})*)?$",
    gettext_lazy("Language tags with a space between them, such as “ur ne”."),
)


class LanguagesForm(forms.Form):
    """Languages as tags, because a language can be given before its first text exists."""

    translates = forms.CharField(
        label=gettext_lazy("Translates"),
        required=False,
        max_length=200,
        validators=[TAGS],
        help_text=gettext_lazy("Language tags with a space between them, such as “ur ne”."),
    )
    reviews = forms.CharField(
        label=gettext_lazy("Translates and reviews"),
        required=False,
        max_length=200,
        validators=[TAGS],
        help_text=gettext_lazy("A reviewer also approves what others translated, but never their own translations."),
    )
    reason = ReasonField()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        translates, reviews = (set(cleaned.get(name, "").split()) for name in ("translates", "reviews"))
        if repeated := translates & reviews:
            raise ValidationError(_("Name each language once: %(tags)s.") % {"tags": ", ".join(sorted(repeated))})
        for tag in translates | reviews:
            check_tag(tag)
        if len(translates | reviews) > MOST_LANGUAGES:
            raise ValidationError(_("At most %(number)d languages.") % {"number": MOST_LANGUAGES})
        return cleaned

    def language_rights(self) -> language_approvals.LanguageRights:
        translates, reviews = (self.cleaned_data[name].split() for name in ("translates", "reviews"))
        return dict.fromkeys(translates, False) | dict.fromkeys(reviews, True)


@require_http_methods(["GET", "HEAD", "POST"])
def account_languages(request: StaffRequest, user_id: int) -> HttpResponse:
    check_is_administrator(request.user)
    if recent_sign_in.must_ask_again(request):
        return recent_sign_in.ask_again(request)
    account = get_object_or_404(User, pk=user_id)
    rights = language_approvals.language_rights(account)
    initial = {
        "translates": " ".join(tag for tag, is_reviewer in rights.items() if not is_reviewer),
        "reviews": " ".join(tag for tag, is_reviewer in rights.items() if is_reviewer),
    }
    form = LanguagesForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            requested = language_approvals.request_languages(
                by=request.user, user=account, rights=form.language_rights(), reason=form.cleaned_data["reason"]
            )
        except Denied as denied:
            form.add_error(None, str(denied.reason))
        else:
            messages.success(request, _("Approval requested. Another administrator must approve the languages."))
            return redirect("admin:approval", requested.pk)
    context = {
        "title": _("%(name)s: languages") % {"name": account.username},
        "account": account,
        "form": form,
        "rights": [(tag, language_name(tag), is_reviewer) for tag, is_reviewer in rights.items()],
        "languages": [(tag, language_name(tag)) for tag in words_languages()],
        "waiting": ApprovalRequest.objects.waiting_about(account).first(),
    }
    return staff_page(request, "analysts/accounts/languages.html", context, status=422 if form.errors else 200)
