"""Rewrites an uploaded SVG from an allowlist: shapes, paths, groups, gradients and clip paths.

The output is built from scratch, not by removing parts of the input. Parts that cannot change the appearance are
skipped silently; others are refused by name, so that no operator publishes an incomplete logo. Refused are for example
`use` (a few lines can draw a billion shapes), `text` (its fonts depend on the device) and style sheets.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
# Deeper than any drawing program nests; limits the recursion of the parser and this module.
DEEPEST = 24
# Counted before the file is parsed: a drawing that fits into any room has fewer tags.
MOST_TAGS = 20_000

_NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_LENGTH = rf"{_NUMBER}(?:px|%)?"
_NAME = r"[A-Za-z_][A-Za-z0-9_.-]{0,63}"
_COLOUR = r"#[0-9A-Fa-f]{3,8}|[A-Za-z]{3,24}|(?:rgb|hsl)a?\([-0-9.,%/ ]{1,60}\)"

LENGTH = re.compile(_LENGTH)
LENGTHS = re.compile(rf"{_LENGTH}(?:[ ,]+{_LENGTH})*|none")
POINTS = re.compile(r"[-+0-9eE., ]*")
PATH = re.compile(r"[MmLlHhVvCcSsQqTtAaZz0-9eE+., -]*")
TRANSFORM = re.compile(r"(?:(?:matrix|translate|scale|rotate|skewX|skewY) ?\([-+0-9eE., ]*\)[ ,]*)*")
PAINT = re.compile(rf"{_COLOUR}|url\(#{_NAME}\)(?: (?:{_COLOUR}))?")
COLOUR = re.compile(_COLOUR)
KEYWORD = re.compile(r"[a-z-]{1,24}")
KEYWORDS = re.compile(r"[a-zA-Z ]{1,40}")
LINK = re.compile(rf"url\(#{_NAME}\)|none")
IDENTITY = re.compile(_NAME)
TARGET = re.compile(rf"#{_NAME}")

# A reference as drawing programs write it. The length is bounded to avoid quadratic time.
QUOTED_LINK = re.compile(r"""url\( ?(["']?)(#[^"')]{1,64})\1 ?\)""")

# Allowed attributes, each with a pattern for its whole value.
PRESENTATION = {
    "clip-path": LINK,
    "clip-rule": KEYWORD,
    "color": COLOUR,
    "display": KEYWORD,
    "fill": PAINT,
    "fill-opacity": LENGTH,
    "fill-rule": KEYWORD,
    "opacity": LENGTH,
    "stop-color": COLOUR,
    "stop-opacity": LENGTH,
    "stroke": PAINT,
    "stroke-dasharray": LENGTHS,
    "stroke-dashoffset": LENGTH,
    "stroke-linecap": KEYWORD,
    "stroke-linejoin": KEYWORD,
    "stroke-miterlimit": LENGTH,
    "stroke-opacity": LENGTH,
    "stroke-width": LENGTH,
    "visibility": KEYWORD,
}
_SHAPE = PRESENTATION | {"id": IDENTITY, "transform": TRANSFORM}
_GRADIENT = {
    "id": IDENTITY,
    "href": TARGET,
    "gradientTransform": TRANSFORM,
    "gradientUnits": KEYWORDS,
    "spreadMethod": KEYWORD,
}


def _length_patterns(*names: str) -> dict[str, re.Pattern[str]]:
    return dict.fromkeys(names, LENGTH)


ELEMENTS: dict[str, dict[str, re.Pattern[str]]] = {
    "g": _SHAPE,
    "defs": {},
    "path": _SHAPE | {"d": PATH},
    "rect": _SHAPE | _length_patterns("x", "y", "width", "height", "rx", "ry"),
    "circle": _SHAPE | _length_patterns("cx", "cy", "r"),
    "ellipse": _SHAPE | _length_patterns("cx", "cy", "rx", "ry"),
    "line": _SHAPE | _length_patterns("x1", "y1", "x2", "y2"),
    "polyline": _SHAPE | {"points": POINTS},
    "polygon": _SHAPE | {"points": POINTS},
    "clipPath": {"id": IDENTITY, "clipPathUnits": KEYWORDS, "transform": TRANSFORM},
    "linearGradient": _GRADIENT | _length_patterns("x1", "y1", "x2", "y2"),
    "radialGradient": _GRADIENT | _length_patterns("cx", "cy", "r", "fx", "fy", "fr"),
    "stop": {
        "offset": LENGTH,
        "stop-color": COLOUR,
        "stop-opacity": LENGTH,
        "color": COLOUR,
    },
}
# Elements that describe the drawing and draw nothing; skipped.
SILENT = frozenset({"title", "desc", "metadata"})
# Attributes that change the appearance and are not supported, so they are refused rather than skipped.
MISSED = frozenset({"filter", "mask", "marker", "marker-start", "marker-mid", "marker-end"})


@dataclass(frozen=True, slots=True)
class Drawing:
    content: bytes
    width: int
    height: int


@dataclass(slots=True)
class _Part:
    """One element of the output."""

    name: str
    attributes: dict[str, str]
    children: "list[_Part]" = field(default_factory=list)


def redraw_svg(content: bytes, *, shown: Callable[[float, float], tuple[int, int]]) -> Drawing:
    """Return the rewritten drawing. `shown` maps its width and height to its size in CSS pixels.

    Raises ValidationError with advice on what to do.
    """
    root = _parse_svg(content)
    if root.tag != f"{{{SVG}}}svg":
        raise ValidationError(_("This is not an SVG picture."), code="kind")
    left, top, width, height = _view_box(root)
    size = shown(width, height)
    parts = _build_children(root, depth=0, clipped=False)
    inherited = _clean_attributes(root, PRESENTATION)
    wanted = _link_targets([_Part("svg", inherited, parts)])
    head = {
        "xmlns": SVG,
        "viewBox": " ".join(_format_number(number) for number in (left, top, width, height)),
        "width": str(size[0]),
        "height": str(size[1]),
        **inherited,
    }
    return Drawing(_serialise_part(_Part("svg", head, parts), wanted).encode(), *size)


def _parse_svg(content: bytes) -> Element:
    if content.count(b"<") > MOST_TAGS:
        raise ValidationError(_("The SVG has too many parts. Simplify it, or upload a PNG."), code="parts")
    try:
        root: Element = fromstring(content, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise ValidationError(
            _("The SVG has a document type or entities. Save it as “plain SVG” without them, or upload a PNG."),
            code="doctype",
        ) from error
    # ValueError, LookupError: an unknown encoding.
    except (ParseError, ValueError, LookupError) as error:
        raise ValidationError(_("The SVG cannot be read: the file is damaged."), code="damaged") from error
    return root


def _view_box(root: Element) -> tuple[float, float, float, float]:
    """Left, top, width and height of the visible area."""
    found = root.get("viewBox")
    if found is None:
        numbers = [0.0, 0.0, _parse_pixels(root.get("width", "")), _parse_pixels(root.get("height", ""))]
    else:
        numbers = [_parse_pixels(part) for part in re.split(r"[\s,]+", found.strip())]
    match [round(number, 4) if math.isfinite(number) else number for number in numbers]:
        case [left, top, width, height] if (
            all(math.isfinite(number) and abs(number) <= 1_000_000 for number in numbers)
            and width >= 0.01
            and height >= 0.01
            and 1 / 100 <= width / height <= 100
        ):
            return left, top, width, height
    raise ValidationError(_("The SVG needs a “viewBox”, or a width and a height in pixels."), code="size")


def _parse_pixels(value: str) -> float:
    found = re.fullmatch(rf"({_NUMBER})(?:px)?", value.strip())
    return float(found[1]) if found else math.nan


def _format_number(number: float) -> str:
    return f"{number:.4f}".rstrip("0").rstrip(".")


def _build_children(parent: Element, *, depth: int, clipped: bool) -> list[_Part]:
    if depth > DEEPEST:
        raise ValidationError(_("The SVG has too many nested groups. Ungroup them."), code="depth")
    parts = (_build_part(child, depth=depth, clipped=clipped) for child in parent)
    return [part for part in parts if part is not None]


def _build_part(element: Element, *, depth: int, clipped: bool) -> _Part | None:
    space, _brace, name = str(element.tag).removeprefix("{").rpartition("}")
    if space != SVG or name in SILENT:
        return None
    known = ELEMENTS.get(name)
    if known is None:
        raise ValidationError(
            _(
                "The SVG contains “%(part)s”, which is not allowed. Convert text and copies to paths and styles to"
                " attributes, remove pictures and effects, or upload a PNG."
            ),
            code="part",
            params={"part": name[:40]},
        )
    attributes = _clean_attributes(element, known)
    if clipped:
        # Clip paths that refer to further clip paths can hang a browser.
        attributes.pop("clip-path", None)
    inside = clipped or name == "clipPath"
    return _Part(name, attributes, _build_children(element, depth=depth + 1, clipped=inside))


def _clean_attributes(element: Element, known: dict[str, re.Pattern[str]]) -> dict[str, str]:
    given: dict[str, str] = {}
    for key, value in element.attrib.items():
        # Accept both spellings of a link; `href` wins if a file has both.
        name = "href" if key == f"{{{XLINK}}}href" else key
        if name != key and "href" in element.attrib:
            continue
        given[name] = value
    # As in browsers, `style` overrides attributes.
    given |= _parse_style(given.pop("style", ""))
    for name in MISSED & given.keys():
        if given[name].strip() != "none":
            _refuse_value(name)
    kept: dict[str, str] = {}
    for name, pattern in known.items():
        if name not in given:
            continue
        value = " ".join(given[name].split())
        if "url(" in value:
            value = QUOTED_LINK.sub(r"url(\2)", value)
        if name == "id":
            # An unusual id is dropped: a reference to it is refused anyway.
            if pattern.fullmatch(value):
                kept[name] = value
        elif pattern.fullmatch(value):
            kept[name] = value
        else:
            _refuse_value(name)
    return kept


def _parse_style(style: str) -> dict[str, str]:
    """The properties of a `style` attribute that also exist as attributes; others are dropped."""
    found: dict[str, str] = {}
    for declaration in style.split(";"):
        name, colon, value = declaration.partition(":")
        name = name.strip().lower()
        if colon and (name in PRESENTATION or name in MISSED):
            found[name] = value
    return found


def _refuse_value(name: str) -> None:
    raise ValidationError(
        _("The SVG has a “%(name)s” that is not allowed. Save it as “plain SVG”, or upload a PNG."),
        code="value",
        params={"name": name[:40]},
    )


def _link_targets(parts: list[_Part]) -> set[str]:
    found: set[str] = set()
    for part in parts:
        for name, value in part.attributes.items():
            if name == "href":
                found.add(value[1:])
            elif name in PRESENTATION and (link := re.match(rf"url\(#({_NAME})\)", value)):
                found.add(link[1])
        found |= _link_targets(part.children)
    return found


def _serialise_part(part: _Part, wanted: set[str]) -> str:
    # No escaping needed: every value matched a pattern without quotes, angle brackets and ampersands.
    attributes = "".join(
        f' {name}="{value}"' for name, value in part.attributes.items() if name != "id" or value in wanted
    )
    if not part.children:
        return f"<{part.name}{attributes}/>"
    inside = "".join(_serialise_part(child, wanted) for child in part.children)
    return f"<{part.name}{attributes}>{inside}</{part.name}>"
