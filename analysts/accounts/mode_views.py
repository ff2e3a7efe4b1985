"""The page of the installation's modes: what is on, and forms to start each, for administrators."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from analysts.accounts import modes, recent_sign_in
from analysts.accounts.mode_forms import ModeForm, build_form
from analysts.accounts.staff_request import StaffRequest
from audit.permissions import Denied, why_not
from countries.languages import language_name, text_direction
from countries.models import InstallationMode, ModeKind, ReadyText
from countries.public.banner import READY_TEXTS
from countries.staff.requests.staff_pages import staff_page

# Ended modes at the end of the page; the audit log has all.
MOST_LISTED = 10


@dataclass(frozen=True, slots=True)
class BannerSentence:
    """The sentence of a banner in one language, as a second administrator reads it."""

    language_name: str
    language: str
    direction: str
    text: str


@dataclass(frozen=True, slots=True)
class ModePanel:
    """One kind of mode on the page. `mode`: the one that is on or waits; None for the form."""

    kind: ModeKind
    meaning: Promise
    mode: InstallationMode | None
    form: ModeForm
    sentences: list[BannerSentence]
    ready_sentence: str
    why_not_approved: str

    @property
    def label(self) -> str:
        label = str(self.kind.label)
        return label[:1].upper() + label[1:]


@require_http_methods(["GET", "HEAD", "POST"])
def mode_page(request: StaffRequest) -> HttpResponse:
    modes.check_can_set_modes(request.user)
    if recent_sign_in.must_ask_again(request):
        return recent_sign_in.ask_again(request)
    if request.method != "POST":
        return _render_page(request)
    kind = next((kind for kind in ModeKind if request.POST.get(f"{kind.value}-kind") == kind.value), None)
    if kind is None:
        return _render_page(request, refusal=_("Choose a mode."), status=422)
    form = build_form(kind, request.POST)
    if form.is_valid():
        try:
            mode = modes.start_mode(by=request.user, **form.start_values())
        except Denied as denied:
            form.add_error(None, str(denied.reason))
        else:
            message = _("A second administrator must approve this banner. Until then nothing is shown.")
            messages.success(request, message if mode.is_waiting else _("The mode is on."))
            return redirect("admin:modes")
    return _render_page(request, form=form, status=422)


@require_POST
def banner_approval(request: StaffRequest, mode_id: int) -> HttpResponse:
    modes.check_can_set_modes(request.user)
    mode = get_object_or_404(InstallationMode, pk=mode_id)
    if recent_sign_in.must_ask_again(request):
        return recent_sign_in.ask_again(request)
    modes.approve_banner(by=request.user, mode=mode)
    messages.success(request, _("Approved. The public sees the banner within seconds."))
    return redirect("admin:modes")


@require_POST
def mode_end(request: StaffRequest, mode_id: int) -> HttpResponse:
    """End a mode. Not asked to sign in again: a mode must not last because of that."""
    modes.check_can_set_modes(request.user)
    mode = modes.end_mode(by=request.user, mode=get_object_or_404(InstallationMode, pk=mode_id))
    was_shown = not mode.words or mode.approved_by_id is not None
    messages.success(request, _("The mode has ended.") if was_shown else _("Declined: nothing was shown."))
    return redirect("admin:modes")


def _render_page(
    request: StaffRequest, *, form: ModeForm | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    now = timezone.now()
    people = InstallationMode.objects.select_related("started_by", "approved_by", "ended_by")
    # An expired mode is no longer in force, whether or not the worker has recorded its end.
    current = {mode.kind: mode for mode in people.open() if mode.ends_at is None or mode.ends_at > now}
    context = {
        "title": _("Modes"),
        "panels": [_build_panel(request, kind, current, form, now) for kind in ModeKind],
        "ended": people.exclude(ended_at=None).order_by("-pk")[:MOST_LISTED],
        "form": form,
        "refusal": refusal,
    }
    return staff_page(request, "analysts/accounts/modes.html", context, status=status)


def _build_panel(
    request: StaffRequest,
    kind: ModeKind,
    current: Mapping[str, InstallationMode],
    form: ModeForm | None,
    now: datetime,
) -> ModePanel:
    mode = current.get(kind)
    words = mode.words if mode else {}
    return ModePanel(
        kind=kind,
        meaning=modes.MODE_MEANINGS[kind],
        mode=mode,
        form=form if form and form.prefix == kind.value else build_form(kind),
        sentences=[
            BannerSentence(language_name(tag), tag, text_direction(tag), text) for tag, text in sorted(words.items())
        ],
        ready_sentence=str(READY_TEXTS[ReadyText(mode.ready_text)]) if mode and mode.ready_text else "",
        why_not_approved=why_not(modes.check_can_approve_banner, request.user, mode, now)
        if mode and mode.is_waiting
        else "",
    )
