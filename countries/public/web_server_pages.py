"""The two pages that the web server itself sends, while the application is away or refuses a large request.

They are files, written by `manage.py write_error_pages` at an upgrade and after their texts changed: no serving process
writes any, and the web server reads no database.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from countries.languages import interface_languages, text_direction
from countries.table_marks import TableMark
from countries.words.sources import SOURCE, shipped_translations, source_digest


@dataclass(frozen=True, slots=True)
class WebServerPage:
    """title: in English only, as the page's one heading. words: once in each language."""

    title: str
    words: Promise


WEB_SERVER_PAGES = {
    "away.html": WebServerPage(
        "Out of order for a moment",
        _(
            "What you just sent was not stored. It is our fault, not yours. Please wait a minute, then go back and "
            "send it again. If a child is in danger now, call your country’s emergency number."
        ),
    ),
    "too-large.html": WebServerPage(
        "Too much text at once",
        _("This was not stored: it is more text than one form can take. Go back and send it in two or more parts."),
    ),
}
# The digest of the pages that were written last. Any role may read it, the owner alone writes it.
PAGES_WRITTEN = TableMark("countries_language", "Error pages were written by manage.py write_error_pages:")

_FRAME = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>{title}</title>
  </head>
  <body>
    <!-- Sent by the web server itself, so: one file, no style sheet, no picture. From manage.py write_error_pages. -->
    <main>
      <h1>{title}</h1>
{paragraphs}
    </main>
  </body>
</html>
"""


def build_pages() -> dict[str, str]:
    """Each page by its name, in all languages that have its words now. Asks no query."""
    return {name: _build_page(page, _words_now(page)) for name, page in WEB_SERVER_PAGES.items()}


def build_shipped_pages() -> dict[str, str]:
    """The pages as a release brings them, from its catalogues alone."""
    return {name: _build_page(page, _words_shipped(page)) for name, page in WEB_SERVER_PAGES.items()}


def digest_pages(pages: Mapping[str, str]) -> str:
    """SHA-256 in hexadecimal of all pages."""
    return hashlib.sha256("\0".join(pages[name] for name in sorted(pages)).encode()).hexdigest()


def are_pages_stale(connection: BaseDatabaseWrapper) -> bool:
    """Whether the pages would be others if they were written now. One query. Before they are first written, compared
    with those of the release.
    """
    digest = PAGES_WRITTEN.read(connection) or digest_pages(build_shipped_pages())
    return digest != digest_pages(build_pages())


def languages_of_page(name: str) -> list[str]:
    """The languages in which a page would be written now."""
    return list(_words_now(WEB_SERVER_PAGES[name]))


def _words_now(page: WebServerPage) -> dict[str, str]:
    english = _source_words(page)
    words_by_language = {}
    for tag in interface_languages():
        with override(tag):
            words = str(page.words)
        if tag == SOURCE or words != english:
            words_by_language[tag] = words
    return words_by_language


def _words_shipped(page: WebServerPage) -> dict[str, str]:
    english = _source_words(page)
    digest = source_digest("", english, "")
    shipped = {tag: shipped_translations(tag).get(digest, ("",))[0] for tag in interface_languages()}
    return {SOURCE: english} | {tag: words for tag, words in shipped.items() if words}


def _source_words(page: WebServerPage) -> str:
    with override(None):
        return str(page.words)


def _build_page(page: WebServerPage, words: Mapping[str, str]) -> str:
    return _FRAME.format(title=escape(page.title), paragraphs="\n".join(_build_paragraphs(words.items())))


def _build_paragraphs(words: Iterable[tuple[str, str]]) -> Iterable[str]:
    for tag, text in words:
        direction = ' dir="rtl"' if text_direction(tag) == "rtl" else ""
        yield f'      <p lang="{tag}"{direction}>{escape(text, quote=False)}</p>'
