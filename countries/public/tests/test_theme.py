"""A portal's colours, patterns and style sheet."""

import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from django.conf import settings

from countries import catalogue
from countries.brand import contrast_ratio
from countries.models import HeaderLayout, Pattern
from countries.public.theme import (
    DARK_PAPER,
    DARK_TEXTS,
    FRAME_WIDTH,
    PAPER,
    TEXTS,
    TILES,
    PortalTheme,
    add_literals,
    build_sheet,
    dark_colours,
    light_colours,
    minify_sheet,
    pattern_shapes,
)

THEMES = [
    *(PortalTheme(entry.portal["brand_colour"], accent=entry.portal["accent_colour"]) for entry in catalogue.entries()),
    PortalTheme(),
    # As light as the rules allow, and as dark; an accent that is darker than the brand colour.
    PortalTheme("#767676"),
    PortalTheme("#767676", accent="#000000"),
    PortalTheme("#000000"),
    PortalTheme("#0000ff", button="#8a1c1c"),
]
BASE = Path(settings.BASE_DIR, "static", "public", "public.css").read_text(encoding="utf-8")


@pytest.mark.parametrize("theme", THEMES)
def test_text_and_shapes_are_readable_in_light_and_dark(theme: PortalTheme) -> None:
    for colours, paper, texts in ((light_colours(theme), PAPER, TEXTS), (dark_colours(theme), DARK_PAPER, DARK_TEXTS)):
        assert contrast_ratio("#ffffff", colours["brand"]) >= 4.5
        assert contrast_ratio("#ffffff", colours["button"]) >= 4.5
        assert contrast_ratio(colours["accent"], colours["brand"]) >= 3
        assert contrast_ratio(colours["mark"], paper) >= 3
        for ground in (paper, colours["tint"]):
            assert contrast_ratio(colours["heading"], ground) >= 4.5
            assert min(contrast_ratio(text, ground) for text in texts) >= 4.5


def test_colours_of_text_are_those_of_the_sheet() -> None:
    blocks = re.findall(r":root {(.*?)}", BASE, re.DOTALL)[:2]
    light, dark = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", block)) for block in blocks)
    assert tuple(light[name] for name in ("ink", "soft", "link", "alarm")) == TEXTS
    assert tuple(dark[name] for name in ("ink", "soft", "link", "alarm")) == DARK_TEXTS
    assert (light["paper"], dark["paper"]) == ("#fff", DARK_PAPER)


def test_pattern_is_small_and_repeats_without_a_seam() -> None:
    assert set(TILES) == set(Pattern) - {Pattern.NONE}
    for pattern, tile in TILES.items():
        shapes = pattern_shapes(PortalTheme(accent="#f2a33a", pattern=pattern), height=72)
        fromstring(f'<svg xmlns="http://www.w3.org/2000/svg">{shapes}</svg>')  # noqa: S314 - our own drawing
        assert len(shapes) <= 2_000
        assert FRAME_WIDTH % tile.width == 0


def rules_of(sheet: str) -> dict[str, dict[str, str]]:
    """The declarations of each selector outside of media queries, the last of a name winning as in a browser."""
    plain = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*\}", "", sheet)
    found: dict[str, dict[str, str]] = {}
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", plain):
        for selector in selectors.split(","):
            found.setdefault(selector.strip(), {}).update(
                (name, value) for name, _colon, value in (part.partition(":") for part in body.split(";")) if value
            )
    return found


def long_colour(value: str) -> str:
    return f"#{value[1] * 2}{value[2] * 2}{value[3] * 2}" if len(value) == 4 else value


def first_colour(rule: Mapping[str, str], name: str) -> str:
    return long_colour(re.findall(r"#[0-9a-f]{6}|#[0-9a-f]{3}", rule[name])[0])


@pytest.mark.parametrize("layout", HeaderLayout)
def test_button_and_header_are_readable_without_variables(layout: HeaderLayout) -> None:
    """A browser that does not know `var()` drops each declaration that has one, and keeps the literal before it."""
    sheet = build_sheet(BASE, PortalTheme("#173f7a", accent="#f2a33a", layout=layout), "")
    old = rules_of(re.sub(r"(?<=[{;])[a-z-]+:[^;{}]*var\([^;{}]*(;|(?=\}))", "", sheet))
    pairs = {
        "button": (old["button"]["color"], old["button"]["background"]),
        "header": (old["header"]["color"], old["header"]["background"]),
        "split header": (old[".split .top"]["color"], old[".split .top"]["background"]),
        "text": (old["body"]["color"], old["body"]["background"]),
        "link": (old["a"]["color"], old["body"]["background"]),
        "heading": (old["h1"]["color"], old["body"]["background"]),
    }
    ratios = {name: contrast_ratio(*map(long_colour, colours)) for name, colours in pairs.items()}
    assert {name: ratio for name, ratio in ratios.items() if ratio < 4.5} == {}
    assert "var(" not in str(old)


def test_each_variable_has_a_literal() -> None:
    sheet = build_sheet(BASE, PortalTheme(), "")
    with_variable = re.findall(r"[{;]([a-z-]+):([^;{}]*var\([^;{}]*)", sheet)
    assert len(with_variable) > 30
    for name, value in with_variable:
        if "color-mix" in value:
            continue
        literal = re.escape(value)
        literal = re.sub(r"var\\\(\\-\\-[a-z\\-]+\\\)", "#[0-9a-f]{3,6}", literal)
        assert re.search(rf"{name}:{literal};{re.escape(f'{name}:{value}')}", sheet), (name, value)


def test_minified_sheet_says_the_same() -> None:
    sheet = (
        "/* A */\na:hover, b > c {\n  color: red;\n  margin: 0 1px;\n}\n"
        "@media (min-width: 3rem) { d :is(e, f) { top: 0; } }"
    )
    assert minify_sheet(sheet) == "a:hover,b > c{color:red;margin:0 1px;}@media (min-width: 3rem){d :is(e,f){top:0;}}"
    assert add_literals(":root{--a:#fff;}p{color:var(--a);}", {}) == ":root{--a:#fff;}p{color:#fff;color:var(--a);}"
