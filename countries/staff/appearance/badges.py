"""A portal's badge for the web sites of its partners, as SVG and PNG, and the band of colour on its printed sheets.

The SVG has words in any script, in the fonts of the reader's device. The PNG is drawn here, where the only font is the
one that Pillow brings along; where that lacks letters of the words, the PNG has the mark and the address alone.
"""

from base64 import b64encode
from html import escape
from io import BytesIO
from textwrap import wrap
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from countries.models import MediaType
from countries.public.frame_picture import build_frame, theme_of
from countries.public.launch_kit import BADGE_HEIGHT, BADGE_WIDTH, Kit
from countries.public.published_portal import PublishedPicture, PublishedPortal
from countries.public.theme import FRAME_WIDTH, pattern_shapes

# Device pixels per CSS pixel.
PNG_DENSITY = 3
# The band: how often the pattern's picture is repeated, the height of the whole, and of the strip with the pattern.
REPEATS, BAND_HEIGHT, STRIP_HEIGHT = 4, 150, 36
# Positions and sizes in CSS pixels: the white square of the mark, the words beside it.
EDGE, SQUARE = 18, 76
WORDS_AT = EDGE + SQUARE + 16
# Below the words, with the line of the accent colour.
ACCENT_HEIGHT = 10
# Size of the letters, and how many fit on a line.
TITLE, LABEL, ADDRESS_SIZE = (18, 28), (14, 38), 14
LEADING = 1.3
# A speech bubble with a tick, for a portal without a logo: on a square of 76, as points.
BUBBLE = ((10, 12), (66, 12), (66, 52), (40, 52), (26, 66), (26, 52), (10, 52))
TICK = ((24, 32), (34, 42), (53, 22))
WHITE = "#ffffff"


class WordLine(NamedTuple):
    """Words on one line of the badge, and the size of their letters."""

    text: str
    size: int
    is_address: bool = False


def draw_marked_band(portal: PublishedPortal) -> bytes:
    """The band with the portal's mark at its end, on white, if it has one."""
    band = draw_band(portal).decode()
    mark = next((part for part in build_frame(portal, "").parts if part.name == "mark"), None)
    if mark is None:
        return band.encode()
    # The sheet shows the middle of the band.
    x, y = REPEATS * FRAME_WIDTH - mark.width - 130, 24
    ground = f'<rect x="-4" y="-4" width="{mark.width + 8}" height="{mark.height + 8}" rx="3" fill="#fff"/>'
    return band.replace("</svg>", f'<g transform="translate({x} {y})">{ground}{mark.shapes}</g></svg>').encode()


def draw_band(portal: PublishedPortal) -> bytes:
    """The portal's colour with a strip of its pattern below. A picture, as no background is printed."""
    theme, width = theme_of(portal), REPEATS * FRAME_WIDTH
    copies = "".join(f'<use href="#strip" x="{number * FRAME_WIDTH}"/>' for number in range(1, REPEATS))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {BAND_HEIGHT}" width="{width}" '
        f'height="{BAND_HEIGHT}"><rect width="{width}" height="{BAND_HEIGHT}" fill="{theme.brand}"/>'
        f'<g transform="translate(0 {BAND_HEIGHT - STRIP_HEIGHT})">'
        f'<g id="strip">{pattern_shapes(theme, height=STRIP_HEIGHT)}</g>{copies}'
        f'<rect width="{width}" height="3" fill="{theme.accent_colour}"/></g></svg>\n'
    ).encode()


def draw_svg_badge(kit: Kit) -> bytes:
    rtl = kit.direction == "rtl"
    square_x = BADGE_WIDTH - EDGE - SQUARE if rtl else EDGE
    words_x = BADGE_WIDTH - WORDS_AT if rtl else WORDS_AT
    title, accent = escape(f"{kit.text.title}: {kit.label}"), theme_of(kit.portal).accent_colour
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {BADGE_WIDTH} {BADGE_HEIGHT}" width="{BADGE_WIDTH}" '
        f'height="{BADGE_HEIGHT}" role="img" xml:lang="{kit.words}"><title>{title}</title>'
        f'<rect width="{BADGE_WIDTH}" height="{BADGE_HEIGHT}" rx="12" fill="{kit.portal.brand_colour}"/>',
        f'<path d="M12 {BADGE_HEIGHT - 6}h{BADGE_WIDTH - 24}" stroke="{accent}" stroke-width="5"/>',
        f'<g transform="translate({square_x} {(BADGE_HEIGHT - SQUARE) // 2})">{_svg_mark(kit)}</g>',
        f'<g fill="{WHITE}" font-family="system-ui,Segoe UI,Roboto,Noto Sans,sans-serif">',
    ]
    for top, line in _lines_with_tops(_word_lines(kit)):
        weight = ' font-weight="700"' if line.size == TITLE[0] else ""
        # An address runs from left to right, also where it is on the right.
        turned = (' text-anchor="end"' if line.is_address else ' direction="rtl"') if rtl else ""
        parts.append(
            f'<text x="{words_x}" y="{top}" font-size="{line.size}"{weight}{turned}>{escape(line.text)}</text>'
        )
    return ("".join(parts) + "</g></svg>\n").encode()


def draw_png_badge(kit: Kit) -> bytes:
    image = Image.new("RGBA", (BADGE_WIDTH * PNG_DENSITY, BADGE_HEIGHT * PNG_DENSITY))
    pen = ImageDraw.Draw(image)
    whole = (0, 0, image.width - 1, image.height - 1)
    pen.rounded_rectangle(whole, radius=12 * PNG_DENSITY, fill=kit.portal.brand_colour)
    edge, bottom = 12 * PNG_DENSITY, (BADGE_HEIGHT - 6) * PNG_DENSITY
    accent = theme_of(kit.portal).accent_colour
    pen.line((edge, bottom, image.width - edge, bottom), fill=accent, width=5 * PNG_DENSITY)
    _draw_png_mark(image, kit)
    lines = _word_lines(kit)
    if not all(line.text.isascii() for line in lines):
        lines = [line for line in lines if line.is_address]
    for top, line in _lines_with_tops(lines):
        font = ImageFont.load_default(line.size * PNG_DENSITY)
        pen.text((WORDS_AT * PNG_DENSITY, top * PNG_DENSITY), line.text, font=font, fill=WHITE, anchor="ls")
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _word_lines(kit: Kit) -> list[WordLine]:
    """Name, purpose and address in their order. Long ones are cut to two lines."""
    lines = [WordLine(text, TITLE[0]) for text in wrap(kit.text.title, TITLE[1], max_lines=2, placeholder="…")]
    lines += [WordLine(text, LABEL[0]) for text in wrap(kit.label, LABEL[1], max_lines=2, placeholder="…")]
    return [*lines, WordLine(kit.printed, ADDRESS_SIZE, is_address=True)]


def _lines_with_tops(lines: list[WordLine]) -> list[tuple[int, WordLine]]:
    """Each line with its baseline, so that all of them are in the middle above the accent."""
    heights = [round(line.size * LEADING) for line in lines]
    top = (BADGE_HEIGHT - ACCENT_HEIGHT - sum(heights)) / 2
    placed = []
    for line, height in zip(lines, heights, strict=True):
        top += height
        placed.append((round(top - height * 0.25), line))
    return placed


def _svg_mark(kit: Kit) -> str:
    ground = f'<rect width="{SQUARE}" height="{SQUARE}" rx="10" fill="{WHITE}"/>'
    if picture := kit.portal.logo or kit.portal.crest:
        inside = SQUARE - 12
        content = b64encode(picture.content).decode()
        return (
            f'{ground}<image x="6" y="6" width="{inside}" height="{inside}" '
            f'href="data:{picture.media_type};base64,{content}"/>'
        )
    colour = kit.portal.brand_colour
    bubble, tick = (" ".join(f"{x},{y}" for x, y in points) for points in (BUBBLE, TICK))
    return (
        f'{ground}<polygon points="{bubble}" fill="{colour}" stroke="{colour}" stroke-width="4" '
        f'stroke-linejoin="round"/><polyline points="{tick}" fill="none" stroke="{WHITE}" stroke-width="6" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def _draw_png_mark(image: Image.Image, kit: Kit) -> None:
    pen, edge, top = ImageDraw.Draw(image), EDGE, (BADGE_HEIGHT - SQUARE) // 2

    def scaled(points: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
        return [((edge + x) * PNG_DENSITY, (top + y) * PNG_DENSITY) for x, y in points]

    corners = scaled(((0, 0), (SQUARE, SQUARE)))
    pen.rounded_rectangle((*corners[0], *corners[1]), radius=10 * PNG_DENSITY, fill=WHITE)
    bitmap = next((picture for picture in (kit.portal.logo, kit.portal.crest) if picture and _is_bitmap(picture)), None)
    if bitmap:
        with Image.open(BytesIO(bitmap.content), formats=["WEBP"]) as picture:
            logo = picture.convert("RGBA")
        logo.thumbnail(((SQUARE - 12) * PNG_DENSITY,) * 2, Image.Resampling.LANCZOS)
        middle = scaled(((SQUARE // 2, SQUARE // 2),))[0]
        image.alpha_composite(logo, (middle[0] - logo.width // 2, middle[1] - logo.height // 2))
        return
    pen.polygon(scaled(BUBBLE), fill=kit.portal.brand_colour)
    pen.line(scaled(TICK), fill=WHITE, width=6 * PNG_DENSITY, joint="curve")


def _is_bitmap(picture: PublishedPicture) -> bool:
    return picture.media_type is not MediaType.SVG
