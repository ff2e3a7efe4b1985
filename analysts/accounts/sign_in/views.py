"""Decorators of the sign-in library's views (Retry-After, audit events), and signing out everywhere."""

from collections.abc import Callable
from functools import wraps

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from analysts.accounts import sessions
from analysts.accounts.sign_in.delays import Slowed
from analysts.accounts.sign_in.password_checks import SignInBusy
from analysts.accounts.staff_request import StaffRequest
from analysts.models import User
from audit.actions import record_event

type View = Callable[..., HttpResponseBase]


class ReauthenticateKeyView(ReauthenticateWebAuthnView):  # type: ignore[misc] # comes without types
    """Confirms by key who is signed in. The library loses the stored request after a refusal, so this keeps it."""

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        for error in form.errors.get("credential", []):
            messages.error(self.request, str(error))
        return redirect(self.passthrough_next_url(self.request.path))


def add_retry_after(view: View) -> View:
    """Decorator: answer with a Retry-After header if the form was refused without a check: 429 because of a delay, 503
    because too many others were signing in."""

    @wraps(view)
    def page(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        answer = view(request, *args, **kwargs)
        if isinstance(answer, TemplateResponse) and (refusal := _refusal_without_check(answer)):
            answer.status_code = refusal.status
            answer.headers["Retry-After"] = str(refusal.seconds)
            # Django would log each 503 as an error: a flood must not hide real ones.
            answer._has_been_logged = True  # type: ignore[attr-defined]
        return answer

    return page


def _refusal_without_check(answer: TemplateResponse) -> Slowed | SignInBusy | None:
    form = (answer.context_data or {}).get("form")
    errors = form.errors.as_data() if isinstance(form, BaseForm) and form.is_bound else {}
    return next(
        (e for field_errors in errors.values() for e in field_errors if isinstance(e, Slowed | SignInBusy)), None
    )


def factors_recorded(view: View) -> View:
    """Decorator: record second factors that the view adds or removes, in the same transaction.

    If one is removed, the user's other sessions end, because they may have been opened with it.
    """

    @wraps(view)
    def page(request: StaffRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        with transaction.atomic():
            sessions.check_session_continues(request, request.user)
            before = _factors_of(request.user)
            answer = view(request, *args, **kwargs)
            after = _factors_of(request.user)
            if before - after:
                sessions.end_all(request.user)
                update_session_auth_hash(request, request.user)
            for action, changed in (("user.remove_factor", before - after), ("user.add_factor", after - before)):
                for kind in sorted(kind for kind, _ in changed):
                    record_event(by=request.user, action=action, on=request.user, details={"kind": kind})
        return answer

    return page


def _factors_of(user: User) -> set[tuple[str, int]]:
    return set(Authenticator.objects.filter(user=user).values_list("type", "pk"))


@require_POST
def sign_out_everywhere(request: StaffRequest) -> HttpResponse:
    user = request.user
    with transaction.atomic():
        sessions.end_all(user)
        record_event(by=user, action="user.sign_out_everywhere", on=user)
    logout(request)
    messages.success(request, _("You are signed out in every browser."))
    return redirect("account_login")
