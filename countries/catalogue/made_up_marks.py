"""Marks and crests of portals that are opened for a demonstration, and logos of their partners: simple shapes that are
of no organisation.
"""

from collections.abc import Mapping

# Width and height in CSS pixels.
MARK_SIZE, CREST_SIZE, LOGO_SIZE = (48, 48), (72, 80), (40, 40)
# A tile on which a mark is seen on the brand colour and on paper, light and dark.
_MARK = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" width="{MARK_SIZE[0]}" height="{MARK_SIZE[1]}">'
    '<rect width="40" height="40" rx="9" fill="#fff"/><g fill="{brand}">{shapes}</g></svg>'
)
_CREST = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 40" width="{CREST_SIZE[0]}" height="{CREST_SIZE[1]}">'
    '<path fill="{accent}" stroke="#fff" stroke-width="1.5" '
    'd="M2 2h32v18c0 9-7 14-16 18C9 34 2 29 2 20z"/><g fill="{brand}">{shapes}</g></svg>'
)

# The shapes of a mark within 40 x 40, in the brand colour; by slug.
_MARKS: Mapping[str, str] = {
    "bz": '<circle cx="20" cy="14" r="7" fill="{accent}"/><path d="M5 25q7.5-7 15 0t15 0v4q-7.5 7-15 0t-15 0z"/>'
    '<path d="M9 34q5.5-4 11 0t11 0v2H9z"/>',
    "gh": '<path d="M20 4l4 12 12 4-12 4-4 12-4-12-12-4 12-4z"/><circle cx="20" cy="20" r="4" fill="{accent}"/>',
    "gt": '<path d="M6 33L20 7l14 26z"/><path fill="{accent}" d="M13 33l7-13 7 13z"/>',
    "in": '<circle cx="20" cy="20" r="15"/><path fill="#fff" d="M20 8l3 9 9 3-9 3-3 9-3-9-9-3 9-3z"/>'
    '<circle cx="20" cy="20" r="3" fill="{accent}"/>',
    "km": '<path d="M26 6a15 15 0 1 0 0 28 12 12 0 1 1 0-28z"/><circle cx="28" cy="20" r="4.5" fill="{accent}"/>',
    "ky": '<path d="M20 5c9 8 13 15 13 20a13 10 0 0 1-26 0c0-5 4-12 13-20z"/>'
    '<path fill="{accent}" d="M20 16c4 4 6 7 6 10a6 5 0 0 1-12 0c0-3 2-6 6-10z"/>',
    "mz": '<path d="M6 12l14-7 14 7v8L20 13 6 20z"/><path fill="{accent}" d="M6 23l14-7 14 7v5l-14-7-14 7z"/>'
    '<path d="M6 31l14-7 14 7v4H6z"/>',
    "pk": '<path d="M20 4l11 5 5 11-5 11-11 5-11-5-5-11 5-11z"/>'
    '<path fill="{accent}" d="M20 11l6 3 3 6-3 6-6 3-6-3-3-6 3-6z"/>',
    "sn": '<path d="M18 36V22C9 21 5 16 5 10c7 0 12 3 15 8 3-5 8-8 15-8 0 6-4 11-13 12v14z"/>'
    '<circle cx="20" cy="8" r="4" fill="{accent}"/>',
    "tz": '<path d="M4 32l12-20 7 11 4-6 9 15z"/><path fill="{accent}" d="M12 19l4-7 4 7-4 3z"/>',
    "ug": '<path d="M8 6h24v7H8zM8 27h24v7H8z"/><path fill="{accent}" d="M8 16h24v8H8z"/>',
    "world": '<circle cx="20" cy="20" r="15"/><path fill="#fff" d="M5 18.5h30v3H5z"/>'
    '<path fill="none" stroke="{accent}" stroke-width="3" d="M20 5c-10 10-10 20 0 30 10-10 10-20 0-30z"/>',
    "zm": '<path d="M5 9h9l6 12 6-12h9L20 36z"/><circle cx="20" cy="10" r="4.5" fill="{accent}"/>',
}
# The shapes of a crest within its shield.
_CHARGES: Mapping[str, str] = {
    "bz": '<path d="M2 22q8-6 16 0t16 0c-1 8-8 13-16 16C10 35 3 30 2 22z"/>',
    "gh": '<path d="M2 13h32v12H2z"/>',
    "gt": '<path d="M2 2h10v31C6 30 2 26 2 20zM24 2h10v18c0 6-4 10-10 13z"/>',
    "in": '<circle cx="18" cy="18" r="9"/>',
    "km": '<path d="M2 2l32 18c0 4-2 7-4 10L2 12z"/>',
    "ky": '<path d="M2 24l16-12 16 12c-1 7-8 11-16 14C10 35 3 31 2 24z"/>',
    "mz": '<path d="M14 2h8v35l-4 1-4-1z"/><path d="M2 14h32v8H2z"/>',
    "pk": '<path d="M2 2h11v31C6 30 2 26 2 20z"/>',
    "sn": '<path d="M2 20L34 2v10L5 29C3 26 2 23 2 20z"/>',
    "tz": '<path d="M2 2h32v10H2z"/><circle cx="18" cy="23" r="6"/>',
    "ug": '<path d="M18 6l10 12-10 12L8 18z"/>',
    "world": '<path d="M2 16q16-8 32 0v8q-16 8-32 0z"/>',
    "zm": '<path d="M18 2h16v18c0 9-7 14-16 18z"/>',
}

# Logos of partners, in the order of the page.
_LOGO = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" width="{LOGO_SIZE[0]}" height="{LOGO_SIZE[1]}">'
    '<g fill="{brand}">{shapes}</g></svg>'
)
_LOGOS = (
    '<path d="M20 2l16 6v12c0 9-7 15-16 18C11 35 4 29 4 20V8z"/><path fill="#fff" d="M12 18h16v4H12z"/>',
    '<circle cx="20" cy="20" r="17"/><circle cx="20" cy="20" r="9" fill="#fff"/><circle cx="20" cy="20" r="4"/>',
    '<path d="M20 3l17 17-17 17L3 20z"/><path fill="#fff" d="M20 12l8 8-8 8-8-8z"/>',
    '<path d="M4 4h14v14H4zM22 22h14v14H22z"/><path opacity=".5" d="M22 4h14v14H22zM4 22h14v14H4z"/>',
)


def draw_mark(slug: str, *, brand: str, accent: str) -> str:
    """The mark of a portal of the catalogue as SVG; "" for any other."""
    return _fill(_MARK, _MARKS.get(slug, ""), brand, accent)


def draw_crest(slug: str, *, brand: str, accent: str) -> str:
    return _fill(_CREST, _CHARGES.get(slug, ""), brand, accent)


def draw_logo(number: int, *, brand: str) -> str:
    """The logo of the partner with this number, from 0; they repeat."""
    return _fill(_LOGO, _LOGOS[number % len(_LOGOS)], brand, brand)


def _fill(frame: str, shapes: str, brand: str, accent: str) -> str:
    return frame.replace("{shapes}", shapes).replace("{brand}", brand).replace("{accent}", accent) if shapes else ""
