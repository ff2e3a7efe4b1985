"""The one picture of a portal's pages: its mark and crest, and the hotline's mark, below each other.

One request instead of three. The style sheet shows a part of it as a background at the part's position; links to parts
(`#mark`) would be shorter, but some browsers show the whole picture then.
"""

import re
from base64 import b64encode
from dataclasses import dataclass

from countries.models import MediaType
from countries.public.published_portal import PublishedPicture, PublishedPortal
from countries.public.theme import PortalTheme

# Between two parts, so that none shows at the edge of another.
GAP = 4
# Mark and crest together: what a first visit to a portal has room for. A larger crest is on the page about it only.
MOST_BYTES = 3_000
# Width and height in CSS pixels.
MARK, CREST, HOTLINE_MARK = (104, 40), (48, 40), (104, 32)

_IDENTITIES = re.compile(r'(\bid="|url\(#|href="#)')
_SIZE = re.compile(r'<svg[^>]*?\swidth="(\d+)"[^>]*?\sheight="(\d+)"')


@dataclass(frozen=True, slots=True)
class FramePart:
    """A part by its class name, with its position and size in CSS pixels, and its SVG elements."""

    name: str
    top: int
    width: int
    height: int
    shapes: str

    def build_rule(self, address: str) -> str:
        return (
            f".{self.name}{{display:inline-block;flex:none;width:{self.width}px;height:{self.height}px;"
            f"background:url({address}) 0 {-self.top}px no-repeat}}"
        )


@dataclass(frozen=True, slots=True)
class PageFrame:
    theme: PortalTheme
    parts: tuple[FramePart, ...]

    def build_rules(self, address: str) -> str:
        """The style sheet's rules that show each part of the picture at that address."""
        return "".join(part.build_rule(address) for part in self.parts)

    @property
    def picture(self) -> str:
        width = max((part.width for part in self.parts), default=1)
        height = sum(part.height + GAP for part in self.parts) or 1
        parts = "".join(f'<g transform="translate(0 {part.top})">{part.shapes}</g>' for part in self.parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}">{parts}</svg>'
        )


def build_frame(portal: PublishedPortal | None, hotline_mark: str) -> PageFrame:
    """The frame of a portal's pages, or of those without a portal. `hotline_mark`: an SVG with width and height."""
    parts: list[FramePart] = []

    def add(name: str, room: tuple[int, int], size: tuple[int, int], shapes: str) -> None:
        scale = min(room[0] / size[0], room[1] / size[1])
        top = sum(part.height + GAP for part in parts)
        width, height = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
        parts.append(FramePart(name, top, width, height, f'<g transform="scale({scale:.4g})">{shapes}</g>'))

    if portal:
        mark, crest = portal.logo, portal.crest
        if mark:
            add("mark", MARK, (mark.width, mark.height), _picture_shapes("m", mark))
        if crest and shows_crest(portal):
            add("crest", CREST, (crest.width, crest.height), _picture_shapes("c", crest))
    if size := _SIZE.search(hotline_mark):
        add("hotline", HOTLINE_MARK, (int(size[1]), int(size[2])), _with_prefix("h", hotline_mark))
    return PageFrame(theme_of(portal), tuple(parts))


def shows_crest(portal: PublishedPortal) -> bool:
    """Whether the header has room for the crest beside the mark."""
    pictures = [picture for picture in (portal.logo, portal.crest) if picture]
    return portal.crest is not None and sum(len(picture.content) for picture in pictures) <= MOST_BYTES


def theme_of(portal: PublishedPortal | None) -> PortalTheme:
    if portal is None:
        return PortalTheme()
    return PortalTheme(
        brand=portal.brand_colour,
        button=portal.button_colour,
        accent=portal.accent_colour,
        pattern=portal.pattern,
        layout=portal.header_layout,
    )


def _picture_shapes(prefix: str, picture: PublishedPicture) -> str:
    if picture.media_type is MediaType.SVG:
        return _with_prefix(prefix, picture.content.decode())
    content = b64encode(picture.content).decode()
    return (
        f'<image width="{picture.width}" height="{picture.height}" href="data:{picture.media_type};base64,{content}"/>'
    )


def _with_prefix(prefix: str, svg: str) -> str:
    """The cleaned drawing with names of its own: each drawing in a document may have an element `a`."""
    return _IDENTITIES.sub(rf"\1{prefix}-", svg)
