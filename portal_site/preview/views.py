"""Every public page of a portal in any language and state, on the staff surface, before the public sees it.

The pages are the real ones: the public views render the portal's current rows in the database. Their links are
made under the preview's own address, so that one can walk. Nothing that is sent in a preview is stored: a form is
answered with the sample page that would follow, and the views that store are never called with what was typed.

It is above all apps: it needs the pages of `countries` and `reports` and the admin site around them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import (
    Resolver404,
    get_script_prefix,
    get_urlconf,
    resolve,
    reverse,
    set_script_prefix,
    set_urlconf,
)
from django.utils import translation
from django.utils.csp import CSP, build_policy
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from countries.models import ApprovalRequest, Portal, PortalState
from countries.public import published
from countries.public.errors import WORDS, error_page
from countries.public.page_style import style_source_of
from countries.public.published import PreviewNotice
from countries.public.published_portal import PublishedPortal
from countries.staff.document.portal_document import apply_document
from countries.staff.workspace.portal_approvals import waiting_document
from countries.words.overlay import renew_texts
from portal_site.middleware import public_directives
from portal_site.preview.samples import SAMPLES, sample_page

PAGES = "portal_site.urls_public"
# URL names of pages without a portal that query the database.
NOT_SHOWN = "portal_site.health"
# An access phrase for a portal without one, so that its form shows the field.
SAMPLE_PHRASE = "sample"
# The statuses whose page `?error=` shows.
ERROR_PAGES = frozenset(map(str, WORDS))
# In the staff's own site not even the script of the public pages runs.
DRAFT_CHANGES = {"script-src": [CSP.NONE], "frame-ancestors": [CSP.SELF]}
# The maximum length of a number in a URL; no primary key is longer.
MOST_DIGITS = 18
# The sample that answers a form of each page, and the one for an empty first field.
ANSWERS = {
    "report": ("report-stored", "report-refused", "addresses"),
    "details": ("details-stored", "details-refused", "description"),
    "status": ("status-received", "status-refused", "code"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_exempt  # the public forms carry no token of the staff's, and nothing changes here
@xframe_options_sameorigin
def preview_page(request: HttpRequest, portal_id: int, state: str, public_path: str = "") -> HttpResponse:
    """One public page as the public would get it in that state."""
    page_state, _dash, change = state.partition("-change-")
    row = portal_for(request, portal_id, change)
    prefix = reverse("admin:portal_preview_page", args=[row.pk, state])
    if page_state not in PortalState.values:
        raise Http404
    # Here and not below: what a change would make is never read by `published`.
    renew_texts()
    with as_it_would_be(row, change) as portal:
        return draw_page(request, in_state(portal, PortalState(page_state)), prefix, public_path)


def draw_page(request: HttpRequest, portal: PublishedPortal, prefix: str, public_path: str) -> HttpResponse:
    """The public page at that path, of this portal as given; its links are made under `prefix`."""
    inner = _public_request(request, prefix, public_path)
    with _as_public(portal, prefix):
        answer = _contain_redirect(_public_response(inner, request), prefix)
    # A picture has a stricter policy of its own.
    directives = {**public_directives(style_source_of(inner)), **DRAFT_CHANGES}
    answer.headers.setdefault("Content-Security-Policy", build_policy(directives))
    return answer


def portal_for(request: HttpRequest, portal_id: int, change: str = "") -> Portal:
    """The portal, if the admin site shows it to this user (`PortalAdmin` decides).

    With a waiting change, only for users who may decide about it.
    """
    model_admin = admin.site.get_model_admin(Portal)
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    if change and not request.user.has_perm("countries.change_portal"):
        raise Http404
    row: Portal = get_object_or_404(model_admin.get_queryset(request), pk=portal_id)
    return row


@contextmanager
def as_it_would_be(row: Portal, change: str) -> Iterator[PublishedPortal]:
    """The portal as stored, or as an open change would make it, within this context.

    404 for a change that does not exist, or that the portal's rules now refuse. Nothing is saved: the change is
    rolled back.
    """
    if not change:
        yield published.as_stored(row.pk)
        return
    waiting = ApprovalRequest.objects.waiting().filter(portal=row)
    proposal = get_object_or_404(waiting, pk=int(change) if change.isdecimal() and len(change) < MOST_DIGITS else 0)
    with transaction.atomic():
        if document := waiting_document(proposal):
            # A second instance: the caller's row keeps its values.
            try:
                apply_document(Portal.objects.get(pk=row.pk), document)
            except ValidationError as error:
                raise Http404 from error
        yield published.as_stored(row.pk)
        transaction.set_rollback(True)


def in_state(portal: PublishedPortal, state: PortalState) -> PublishedPortal:
    """A separate copy, with no page drawn yet."""
    return replace(portal, state=state, access_phrase=portal.access_phrase or SAMPLE_PHRASE, pages={})


@contextmanager
def _as_public(portal: PublishedPortal, prefix: str) -> Iterator[None]:
    """Within this context and thread, use the public urls under `prefix` and the public's data about portals."""
    notice = PreviewNotice(
        _("Preview: nothing sent here is stored"), translation.get_language() or settings.LANGUAGE_CODE
    )
    urlconf, script = get_urlconf(), get_script_prefix()
    set_urlconf(PAGES)
    set_script_prefix(prefix)
    try:
        with published.override_portal(portal, notice), translation.override(settings.LANGUAGE_CODE):
            yield
    finally:
        set_script_prefix(script)
        set_urlconf(urlconf)


def _public_request(request: HttpRequest, prefix: str, public_path: str) -> HttpRequest:
    """The request that the public view gets: no user, session or cookie, and nothing of what was typed."""
    inner = HttpRequest()
    inner.method = request.method
    # Marks the second step of "Leave this page".
    inner.GET = request.GET
    inner.path_info = f"/{public_path}"
    inner.path = f"{prefix}{public_path}"
    # No HTTP_ACCEPT_ENCODING: the middleware compresses.
    names = ("SERVER_NAME", "SERVER_PORT", "HTTP_HOST", "wsgi.url_scheme")
    inner.META = {name: request.META[name] for name in names if name in request.META}
    return inner


def _public_response(inner: HttpRequest, request: HttpRequest) -> HttpResponse:
    error = request.GET.get("error", "")
    if error in ERROR_PAGES:
        return error_page(inner, int(error))
    try:
        match = resolve(inner.path_info, PAGES)
        inner.resolver_match = match
        if match.func.__module__ == NOT_SHOWN:
            raise Http404
        if name := _sample_of(request, match.url_name):
            return sample_page(inner, **match.kwargs, name=name)
        if inner.method == "POST":
            # Typed text is never given to a view that could store it.
            inner.method = "GET"
        answer: HttpResponse = match.func(inner, *match.args, **match.kwargs)
    except (Http404, Resolver404):
        return error_page(inner, 404)
    return answer


def _contain_redirect(answer: HttpResponse, prefix: str) -> HttpResponse:
    """The answer; a redirect out of the preview is replaced by a text that names its target."""
    target = answer.headers.get("Location", "")
    if target and not target.startswith((prefix, settings.STATIC_URL)):
        words = _("The preview ends here. The public page leads to: %(address)s") % {"address": target}
        answer = HttpResponse(words, content_type="text/plain; charset=utf-8")
    # "Leave this page" clears what the browser keeps of the public's host; this host is the staff's.
    del answer.headers["Clear-Site-Data"]
    return answer


def _sample_of(request: HttpRequest, page: str | None) -> str:
    """The sample asked for, or the one that answers a form; "" for the page itself."""
    if request.method != "POST":
        sample = request.GET.get("sample", "")
        return sample if sample in SAMPLES and SAMPLES[sample].page == page else ""
    if page not in ANSWERS:
        return ""
    accepted, refused, question = ANSWERS[page]
    if page == "status" and "answer" in request.POST:
        return "status-answered"
    return accepted if request.POST.get(question, "").strip() else refused
