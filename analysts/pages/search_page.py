"""The search page: what the room `search` finds, and the pages of the menu by their names."""

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.permissions import check_sees_content
from analysts.models import Notice, User
from analysts.pages.menu import MenuEntry, menu_for
from analysts.search.actions import search_incidents
from analysts.search.forms import SearchForm
from analysts.search.limits import allowed_again_at
from analysts.search.lookups import MOST_SHOWN, SearchResults, find_exact, searchable_since
from analysts.search.views import ResultGroup, build_groups
from audit.permissions import Denied
from countries.decided_settings import number_in_force
from countries.staff.requests.staff_pages import staff_page


@require_http_methods(["GET", "HEAD", "POST"])
def search_page(request: StaffRequest) -> HttpResponse:
    """The results of a POST, or the page of the only exact one; a GET explains what can be searched for."""
    check_sees_content(request.user)
    if request.method != "POST":
        return _draw_page(request, SearchForm())
    form, now = SearchForm(request.POST), timezone.now()
    if not form.is_valid():
        return _draw_page(request, form, status=422)
    terms = form.cleaned_data["q"]
    try:
        results = search_incidents(by=request.user, terms=terms, now=now)
    except Denied as denied:
        form.add_error(None, str(denied.reason))
        return _draw_page(request, form, status=403)
    if results is None:
        until = allowed_again_at(now)
        page = _draw_page(request, form, refused_until=until, status=429)
        page.headers["Retry-After"] = str(int((until - now).total_seconds()) + 1)
        return page
    if exact := find_exact(results, terms):
        return redirect("admin:notice" if isinstance(exact, Notice) else "admin:incident", exact.pk)
    pages = find_pages(terms.typed, request.user)
    named = [entry for entry in pages if _split_words(entry.label) == _split_words(terms.typed)]
    if len(named) == 1 and not results.number:
        return redirect(named[0].url)
    groups = build_groups(results, request.user, now)
    return _draw_page(request, form, results=results, groups=groups, pages=pages)


def find_pages(typed: str, user: User) -> list[MenuEntry]:
    """The pages of the user's menu whose names have words that begin with the typed ones."""
    typed_words = _split_words(typed)
    entries = [entry for group in menu_for(user, {}) for entry in group.entries]
    return [
        entry
        for entry in entries
        if all(any(word.startswith(start) for word in _split_words(entry.label)) for start in typed_words)
    ]


def _split_words(name: str) -> list[str]:
    """With or without hyphens: "to-do" is "To do"."""
    return name.casefold().replace("-", " ").split()


def _draw_page(
    request: StaffRequest,
    form: SearchForm,
    *,
    results: SearchResults | None = None,
    groups: Sequence[ResultGroup] = (),
    pages: Sequence[MenuEntry] = (),
    refused_until: datetime | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "title": _("Search"),
        "form": form,
        "search_typed": form.data.get("q", ""),
        "search_refused": status != 200,
        "result": results,
        "groups": groups,
        "pages": pages,
        "number": results.number + len(pages) if results else 0,
        "refused_until": refused_until,
        "limit": number_in_force("SEARCHES_AN_HOUR"),
        "since": searchable_since(),
        "most_shown": MOST_SHOWN,
    }
    return staff_page(request, "analysts/search/search.html", context, status=status)
