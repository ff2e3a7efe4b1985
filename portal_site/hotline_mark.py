"""The hotline's mark, an SVG that settings read: what is accepted, and the demo's."""

import re

from django.core.exceptions import ImproperlyConfigured

# It loads with every public page.
MOST_MARK_BYTES = 2_000
# Parts that a mark does not need: anything that runs, or that refers to something outside the file.
_REFUSED = re.compile(
    r"<script|<style|<foreignObject|<image|<!|<\?|\son\w+\s*=|href\s*=\s*[\"'](?!#)|url\((?!#)", re.IGNORECASE
)
_SIZED = re.compile(r'<svg\s[^>]*?\bwidth="\d+"\s[^>]*?\bheight="\d+"[^>]*>.*</svg>', re.DOTALL)

# Made up: two hands around a point.
DEMO_MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32">'
    '<circle cx="16" cy="16" r="16" fill="#14293f"/><g fill="none" stroke="#fff" stroke-width="3" '
    'stroke-linecap="round"><path d="M8 12a9 9 0 0 0 8 13"/><path stroke="#ffc533" d="M24 12a9 9 0 0 1-8 13"/></g>'
    '<circle cx="16" cy="11" r="3.5" fill="#fff"/></svg>'
)


def check_mark(mark: str) -> str:
    """The SVG without white space around it, "" for none. Raises ImproperlyConfigured for one that is refused."""
    mark = mark.strip()
    if mark and (not _SIZED.fullmatch(mark) or len(mark.encode()) > MOST_MARK_BYTES or _REFUSED.search(mark)):
        raise ImproperlyConfigured(
            f"HOTLINE_MARK must be a plain SVG of at most {MOST_MARK_BYTES} bytes, with width and then height in "
            "pixels, and without scripts, styles, pictures and links."
        )
    return mark
