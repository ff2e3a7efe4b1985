"""The style sheet and the drawn strip inside each public page, and the policy that allows that sheet alone.

No page may be cached, so a sheet of its own would be fetched again with each page, and its pictures after it. The
policy names the SHA-256 of the sheet, from the very text that the page gets. Pictures from an upload stay in
`frame.svg`: they never become markup of a page. Landing, form and receipt get no rules for lists and figures.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from countries.public.frame_picture import build_frame, theme_of
from countries.public.published_portal import PublishedPortal
from countries.public.theme import PortalTheme, build_sheet, draw_strip

_FILES = ("public.css",)
# For pages with lists of portals, tables and charts too.
_ALL_FILES = ("public.css", "figures.css")
# Sheets of 17 kB in memory; a network has at most some dozens of portals.
MOST_SHEETS = 256


@dataclass(frozen=True, slots=True)
class PageStyle:
    """`sheet` is the whole content of the page's `style` element, and `source` its entry in the policy."""

    sheet: SafeString
    source: str


def style_page(request: HttpRequest, portal: PublishedPortal | None, *, with_figures: bool = False) -> SafeString:
    """The sheet of the page that is rendered for this request; its source is noted for the policy of the answer."""
    frame = build_frame(portal, settings.HOTLINE_MARK)
    address = reverse("portal_frame", args=[portal.slug]) if portal else reverse("network_frame")
    style = _build_style(_ALL_FILES if with_figures else _FILES, frame.theme, frame.build_rules(address))
    note_style_source(request, style.source)
    return style.sheet


def strip_below_header(portal: PublishedPortal | None) -> SafeString:
    """The drawing below the header, "" for a portal without a pattern."""
    return SafeString(draw_strip(theme_of(portal)))


def note_style_source(request: HttpRequest, source: str) -> None:
    request.style_source = source  # type: ignore[attr-defined] # read by `style_source_of`


def style_source_of(request: HttpRequest) -> str:
    """The policy's source of the sheet in the page that answers this request; "" for an answer without one."""
    source: str = getattr(request, "style_source", "")
    return source


@lru_cache(maxsize=MOST_SHEETS)
def _build_style(files: Sequence[str], theme: PortalTheme, rules: str) -> PageStyle:
    sheet = build_sheet("".join(map(_read_file, files)), theme, rules)
    # It would end the element early. The sheet is the product's own files, checked colours and numbers.
    if "<" in sheet:
        raise ValueError("A style sheet inside a page holds no angle bracket.")
    source = f"'sha256-{b64encode(sha256(sheet.encode()).digest()).decode()}'"
    return PageStyle(SafeString(sheet), source)


@cache
def _read_file(name: str) -> str:
    return Path(settings.BASE_DIR, "static", "public", name).read_text(encoding="utf-8")
