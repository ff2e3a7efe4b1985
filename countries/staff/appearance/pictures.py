"""Cleaning of uploaded logos and crests: each is decoded and re-encoded, so that only its pixels remain.

Uploads are bitmaps. Stored SVG pictures are served until an operator replaces them.
"""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from countries.models import MediaType, Picture
from countries.models.picture import build_picture
from countries.public.frame_picture import MOST_BYTES

# Size limit of an uploaded file, in bytes.
LARGEST_UPLOAD = 512 * 1024
# Larger bitmaps are refused before decoding: at four bytes a pixel this is 64 MB.
MOST_PIXELS = 16_000_000
# Fewer colours make a smaller file. The first that fits is used, so that cleaning a cleaned picture changes nothing.
COLOURS = (None, 256, 128, 64, 32)
# Device pixels per CSS pixel, best first.
DENSITIES = (2, 1)

# A progressive JPEG is decoded once for each scan; ordinary encoders write about ten. Counted before decoding.
MOST_SCANS = 64
_SCAN = b"\xff\xda"
# How to turn a picture that a camera stored turned or mirrored, by the number in its metadata.
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# All exceptions that Pillow's readers raise for a damaged file or its metadata.
_BROKEN = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    OverflowError,
    IndexError,
    KeyError,
    TypeError,
    ZeroDivisionError,
    UserWarning,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Room:
    """Limits of a picture: bytes, and width and height in CSS pixels."""

    most_bytes: int
    width: int
    height: int

    def fit(self, width: float, height: float) -> tuple[int, int]:
        """The largest size in CSS pixels that fits, for a picture of these proportions."""
        scale = min(self.width / width, self.height / height)
        return max(1, round(width * scale)), max(1, round(height * scale))

    def fits(self, picture: Picture) -> bool:
        return len(picture.content) <= self.most_bytes and picture.width <= self.width and picture.height <= self.height


# The logo loads with every page, also over slow lines. Crest and partner logos appear on one page only.
LOGO = Room(most_bytes=MOST_BYTES, width=240, height=48)
CREST = Room(most_bytes=20_000, width=240, height=80)
PARTNER_LOGO = CREST


def clean_picture(upload: "File[bytes]", *, room: Room) -> Picture:
    """Return the unsaved, cleaned picture of a PNG, JPEG or WebP file, detected by content, not name.

    Cleaning a cleaned picture gives the same bytes. Raises ValidationError with advice on what to do.
    """
    # A form may be validated twice.
    upload.seek(0)
    content: bytes = upload.read(LARGEST_UPLOAD + 1)
    if not content:
        raise ValidationError(_("The file is empty."), code="empty")
    if len(content) > LARGEST_UPLOAD:
        raise ValidationError(_("The file is larger than 512 kB. Upload a smaller picture."), code="upload_too_large")
    if not _is_bitmap(content):
        raise ValidationError(
            _("This is not a PNG, JPEG or WebP picture. Save an SVG as PNG and upload that."), code="kind"
        )
    return _clean_bitmap(content, room)


def _is_bitmap(content: bytes) -> bool:
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return is_webp or content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"))


def _clean_bitmap(content: bytes, room: Room) -> Picture:
    image = _decode_bitmap(content)
    displayed = room.fit(*image.size)
    # Small pictures are not enlarged, which would blur them.
    if displayed[1] > image.height:
        displayed = image.size
    for density in DENSITIES:
        pixels = _scale_down(image, (displayed[0] * density, displayed[1] * density))
        for colours in COLOURS:
            encoded = _encode_webp(pixels, colours)
            if len(encoded) <= room.most_bytes:
                return build_picture(encoded, MediaType.WEBP, *displayed)
    raise ValidationError(
        _("The picture does not fit into %(most)s bytes. Upload a flat logo with few colours."),
        code="too_large",
        params={"most": room.most_bytes},
    )


def _decode_bitmap(content: bytes) -> Image.Image:
    """The pixels of the first frame, turned as its metadata says, without metadata such as text and location."""
    if content.startswith(b"\xff\xd8") and content.count(_SCAN) > MOST_SCANS:
        raise ValidationError(
            _("The picture has too many parts. Save it again without progressive loading."), code="parts"
        )
    try:
        with Image.open(BytesIO(content), formats=["PNG", "JPEG", "WEBP"]) as image:
            if image.width * image.height > MOST_PIXELS:
                raise ValidationError(_("The picture has too many pixels. Upload a smaller picture."), code="pixels")
            turn = _TURNS.get(_orientation_of(image))
            pixels = image.convert("RGBA")
    except _BROKEN as error:
        raise ValidationError(_("The picture cannot be read: the file is damaged."), code="damaged") from error
    bare = Image.new("RGBA", pixels.size)
    bare.paste(pixels)
    return bare if turn is None else bare.transpose(turn)


def _orientation_of(image: Image.Image) -> int:
    """The number in the metadata; 1, upright, if there is none or it cannot be read."""
    try:
        orientation = image.getexif().get(_ORIENTATION, 1)
    except _BROKEN:
        return 1
    return orientation if isinstance(orientation, int) else 1


def _scale_down(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if image.width <= size[0] and image.height <= size[1]:
        return image
    return image.resize(size, Image.Resampling.LANCZOS)


def _encode_webp(image: Image.Image, colours: int | None) -> bytes:
    """Encode as lossless WebP, so that encoding it again gives the same bytes."""
    if colours is not None:
        image = image.quantize(colours, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).convert("RGBA")
    out = BytesIO()
    image.save(out, "WEBP", lossless=True, quality=80, method=4)
    return out.getvalue()
