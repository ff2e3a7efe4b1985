"""A portal's colours for light and dark, its drawn pattern, and its style sheet. Pure functions of its theme."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from countries.brand import (
    ENOUGH_CONTRAST,
    ENOUGH_FOR_GRAPHICS,
    contrast_ratio,
    darken_until,
    lighten_until,
    mix_colours,
)
from countries.models import HeaderLayout, Pattern

# Colour of pages without a portal.
NETWORK_COLOUR = "#1d3b5c"
# Ground, and the colours of text on it, as in `static/public/public.css`: ink, soft, link, alarm.
PAPER = "#ffffff"
TEXTS = ("#14202b", "#4c5a67", "#1b5591", "#b3261e")
DARK_PAPER = "#11181f"
DARK_TEXTS = ("#eaeff3", "#aab6c1", "#93c5f8", "#ff9d94")
# The largest share of the brand colour in the tinted ground of some parts.
TINT, DARK_TINT = 0.08, 0.24

# WCAG 2.2, 1.4.6 (AAA): headings that are just readable look faded on a dark screen.
STRONG_CONTRAST = 7.0
# Width in CSS pixels of a drawn band: a multiple of each tile's.
FRAME_WIDTH = 240


@dataclass(frozen=True, slots=True)
class PortalTheme:
    """The choices of a portal's operators. An empty colour follows from the brand colour."""

    brand: str = NETWORK_COLOUR
    button: str = ""
    accent: str = ""
    pattern: Pattern = Pattern.NONE
    layout: HeaderLayout = HeaderLayout.PLAIN

    @property
    def accent_colour(self) -> str:
        return self.accent or lighten_until(self.brand, self.brand, ENOUGH_FOR_GRAPHICS)


@dataclass(frozen=True, slots=True)
class PatternTile:
    """The repeated part of a pattern, in CSS pixels. `shapes` has the colours as {accent} and {shade}."""

    width: int
    height: int
    shapes: str


def _lines(accent: str, shade: str = "", width: float = 3) -> str:
    """Paths as lines of the two colours."""
    paths = f'<path stroke="{{accent}}" d="{accent}"/>' + (f'<path stroke="{{shade}}" d="{shade}"/>' if shade else "")
    return f'<g fill="none" stroke-width="{width}">{paths}</g>'


TILES: Mapping[Pattern, PatternTile] = {
    Pattern.CHEVRONS: PatternTile(
        24, 18, _lines("M-2 16.5 12 6l14 10.5", "M-2 7.5 12-3l14 10.5M-2 25.5 12 15l14 10.5")
    ),
    Pattern.DIAMONDS: PatternTile(
        24, 24, '<path fill="{accent}" d="m12 3 7 9-7 9-7-9z"/><path fill="{shade}" d="m0 7 4 5-4 5zm24 0-4 5 4 5z"/>'
    ),
    Pattern.DOTS: PatternTile(
        20, 16, '<circle cx="5" cy="4" r="3" fill="{accent}"/><circle cx="15" cy="12" r="3" fill="{shade}"/>'
    ),
    Pattern.LATTICE: PatternTile(
        24, 24, _lines("m-2-2 28 28M26-2-2 26", width=2.5) + '<circle cx="12" r="3" cy="0" fill="{shade}"/>'
    ),
    Pattern.SCALES: PatternTile(
        24, 24, _lines("M1 12a11 11 0 0 1 22 0", "M-11 24a11 11 0 0 1 22 0M13 24a11 11 0 0 1 22 0")
    ),
    Pattern.STEPS: PatternTile(
        48,
        24,
        '<path fill="{accent}" d="M0 24v-6h6v-6h6V6h6V0h12v6h6v6h6v6h6v6z"/>'
        '<path fill="{shade}" d="M18 24v-6h3v-6h6v6h3v6z"/>',
    ),
    Pattern.STRIPES: PatternTile(16, 16, _lines("m-4 4 8-8M0 16 16 0m-4 20 8-8", width=5)),
    Pattern.WAVES: PatternTile(40, 18, _lines("M-20 5q10 9 20 0t20 0 20 0 20 0", "M-20 14q10 9 20 0t20 0 20 0 20 0")),
}


def pattern_shapes(theme: PortalTheme, *, height: int) -> str:
    """SVG elements that fill FRAME_WIDTH x `height` with the pattern on the brand colour."""
    ground = f'<rect width="{FRAME_WIDTH}" height="{height}" fill="{theme.brand}"/>'
    tile = TILES.get(theme.pattern)
    if tile is None:
        return ground
    return f'{_draw_tile(theme, tile)}{ground}<rect width="{FRAME_WIDTH}" height="{height}" fill="url(#pattern)"/>'


def draw_strip(theme: PortalTheme) -> str:
    """The strip below a header as SVG: the pattern in half its size on the brand colour, "" for a theme without one.

    The style sheet makes it as wide as the window, and the pattern of a tall header whole.
    """
    tile = TILES.get(theme.pattern)
    if tile is None:
        return ""
    return (
        f'<svg class="strip" width="{FRAME_WIDTH}" height="10" aria-hidden="true" focusable="false">'
        f'{_draw_tile(theme, tile)}<rect width="100%" height="100%" fill="{theme.brand}"/>'
        '<rect width="200%" height="200%" fill="url(#pattern)" transform="scale(.5)"/></svg>'
    )


def _draw_tile(theme: PortalTheme, tile: PatternTile) -> str:
    shapes = tile.shapes.format(accent=theme.accent_colour, shade=mix_colours(theme.brand, theme.accent_colour, 0.4))
    return (
        f'<pattern id="pattern" width="{tile.width}" height="{tile.height}" patternUnits="userSpaceOnUse">'
        f"{shapes}</pattern>"
    )


def light_colours(theme: PortalTheme) -> dict[str, str]:
    """The custom properties of the theme, without their dashes."""
    return {
        "brand": theme.brand,
        "button": theme.button or theme.brand,
        "accent": theme.accent_colour,
        "tint": _tint_ground(PAPER, theme.brand, TINT, (*TEXTS, theme.brand)),
        "heading": theme.brand,
        "mark": darken_until(theme.accent_colour, PAPER, ENOUGH_FOR_GRAPHICS),
    }


def dark_colours(theme: PortalTheme) -> dict[str, str]:
    """The same for a dark screen: the bands darker, the shapes and headings lighter where they need it."""
    brand = mix_colours(theme.brand, DARK_PAPER, 0.3)
    tint = _tint_ground(DARK_PAPER, theme.brand, DARK_TINT, DARK_TEXTS)
    return {
        "brand": brand,
        "button": theme.button or theme.brand,
        "accent": lighten_until(theme.accent_colour, brand, ENOUGH_FOR_GRAPHICS),
        "tint": tint,
        "heading": lighten_until(theme.brand, max(tint, DARK_PAPER, key=_brightness), STRONG_CONTRAST),
        "mark": lighten_until(theme.accent_colour, DARK_PAPER, ENOUGH_FOR_GRAPHICS),
    }


def _brightness(colour: str) -> float:
    return contrast_ratio(colour, "#000000")


def _tint_ground(paper: str, colour: str, share: float, texts: tuple[str, ...]) -> str:
    """The paper with as much of the colour, at most `share`, as leaves all texts on it readable."""
    grounds = (mix_colours(paper, colour, share * step / 8) for step in range(8, 0, -1))
    readable = [text for text in texts if contrast_ratio(text, paper) >= ENOUGH_CONTRAST]
    return next((ground for ground in grounds if all(contrast_ratio(text, ground) >= 4.5 for text in readable)), paper)


def build_sheet(base: str, theme: PortalTheme, parts: str) -> str:
    """The style sheet: the base, with a literal before each `var()`, the theme's colours, and rules for its `parts`."""
    light, dark = light_colours(theme), dark_colours(theme)
    on_dark = f"@media screen and (prefers-color-scheme: dark) {{:root{{{_properties(dark)}}}}}"
    return add_literals(minify_sheet(f"{base}:root{{{_properties(light)}}}{on_dark}{parts}"), light)


def _properties(colours: Mapping[str, str]) -> str:
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())


_ROOT = re.compile(r":root\s*\{([^}]*)\}")
_PROPERTY = re.compile(r"--([a-z-]+)\s*:\s*([^;}]+)")
_DECLARATION = re.compile(r"(?<=[{;])([a-z-]+):([^;{}]*\bvar\([^;{}]*)")
_VALUE = re.compile(r"var\(--([a-z-]+)\)")


def add_literals(sheet: str, colours: Mapping[str, str]) -> str:
    """Put before each declaration with `var()` the same one with the light colour, for browsers without `var()`.

    `sheet` is minified. Values that such browsers cannot read either are left as they are.
    """
    first = _ROOT.search(sheet)
    values = dict(_PROPERTY.findall(first[1] if first else "")) | dict(colours)

    def literal(match: re.Match[str]) -> str:
        name, value = match.groups()
        if "color-mix" in value:
            return match[0]
        return f"{name}:{_VALUE.sub(lambda used: values[used[1]], value)};{match[0]}"

    return _DECLARATION.sub(literal, sheet)


def minify_sheet(sheet: str) -> str:
    """The sheet without comments and needless white space."""
    sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    sheet = re.sub(r"\s+", " ", sheet)
    # Not around a colon outside of declarations, where a space is a descendant: `main :is(...)`.
    return re.sub(r"\s*([{};,])\s*|(?<=[a-z]):\s+(?=[^{}]*[;}])", lambda match: match[1] or ":", sheet).strip()
