"""The public page that shows an interface text, with its proposed translation, before the public sees it.

Any live portal serves as the sample, so that translators need no right to a portal: they see nothing but what the
public can, and the proposal. Other threads and the pages' cache keep the approved texts.
"""

from dataclasses import replace
from typing import cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from countries.models import InterfaceTranslation, PortalState, TranslationState
from countries.public import published
from countries.public.published_portal import PublishedPortal
from countries.staff.translation.places import find_place
from countries.staff.translation.views import WordsRequest, check_can_open_language
from countries.words.overlay import OverlaidText, override_texts
from countries.words.sources import SourceText, sources_by_digest
from portal_site.preview.views import draw_page, in_state

# The last part of the path `start`, which leads to the page that shows the text.
START = "start"


@require_safe
@xframe_options_sameorigin
def words_preview(request: HttpRequest, words_tag: str, text_digest: str, public_path: str) -> HttpResponse:
    """A public page in the language with the text's proposed translation; `start` is the page that shows the text."""
    check_can_open_language(cast(WordsRequest, request).user, words_tag)
    source = sources_by_digest().get(text_digest)
    portal = _sample_portal(words_tag)
    if source is None or portal is None:
        raise Http404
    if public_path == START:
        public_path = _start_path(request, portal, source, words_tag)
    prefix = reverse("admin:words_preview", args=[words_tag, text_digest, "x"])[:-1]
    with override_texts(words_tag, _proposed_texts(words_tag, source)):
        return draw_page(request, portal, prefix, public_path)


def _sample_portal(tag: str) -> PublishedPortal | None:
    """A live portal, one in the language if there is one; else the first one, as if it had the language."""
    portals = published.portals_by_slug().values()
    visible = [portal for portal in portals if portal.state == PortalState.LIVE and portal.texts]
    sample = next((portal for portal in visible if tag in portal.languages), None) or next(iter(visible), None)
    if sample is None:
        return None
    texts = sample.texts if tag in sample.languages else (*sample.texts, replace(sample.texts[0], language=tag))
    return in_state(replace(sample, texts=texts), sample.state)


def _start_path(request: HttpRequest, portal: PublishedPortal, source: SourceText, tag: str) -> str:
    """The path of the page; what follows its question mark becomes the request's."""
    page = find_place(source.places[0]).page
    if page is None:
        return f"network/{tag}/" if tag in dict(settings.LANGUAGES) else ""
    page, _mark, query = page.partition("?")
    request.GET = QueryDict(query)
    return f"{portal.slug}/{tag}/{page}"


def _proposed_texts(tag: str, source: SourceText) -> list[OverlaidText]:
    """The proposed version of the text, or else the latest draft; none while neither exists."""
    rows = InterfaceTranslation.objects.of_text(tag, source.digest)
    states = (TranslationState.PROPOSED, TranslationState.DRAFT)
    row = next((proposal for state in states if (proposal := rows.filter(state=state).first())), None)
    return [OverlaidText(source.context, source.singular, source.plural, tuple(row.forms))] if row else []
