import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from countries.models import MediaType, Picture
from countries.staff.appearance.pictures import CREST, LARGEST_UPLOAD, LOGO, Room, clean_picture


def clean(content: bytes | memoryview, room: Room = LOGO, name: str = "logo.bin") -> Picture:
    return clean_picture(SimpleUploadedFile(name, bytes(content)), room=room)


def refusal(content: bytes, room: Room = LOGO) -> str:
    with pytest.raises(ValidationError) as caught:
        clean(content, room)
    assert caught.value.messages[0]
    return str(caught.value.code)


def outcome(content: bytes, room: Room = LOGO) -> str:
    """The code of the refusal; "" for a picture that is taken, and that stays the same when cleaned again."""
    try:
        picture = clean(content, room)
    except ValidationError as error:
        return str(error.code)
    assert clean(picture.content, room).content == picture.content
    return ""


def bitmap(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def flat(size: tuple[int, int] = (600, 200)) -> Image.Image:
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    image.paste((200, 0, 40, 255), (0, 0, size[0] // 2, size[1]))
    return image


def noise(size: tuple[int, int]) -> Image.Image:
    return Image.merge("RGB", [Image.effect_noise(size, 90) for _channel in range(3)])


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.binary(max_size=99).map(lambda rest: b"\x89PNG\r\n\x1a\n" + rest)))
def test_any_bytes_are_refused_with_words(content: bytes) -> None:
    assert refusal(content) in {"empty", "kind", "damaged"}


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_bitmap_is_scaled_down_and_reencoded(kind: str) -> None:
    picture = clean(bitmap(flat(), kind), name="logo.svg")
    assert (picture.media_type, picture.width, picture.height) == (MediaType.WEBP, 144, 48)
    with Image.open(BytesIO(picture.content)) as image:
        assert (image.format, image.size) == ("WEBP", (288, 96))
        assert image.convert("RGBA").getpixel((20, 20)) == (200, 0, 40, 255)
        assert image.convert("RGBA").getpixel((280, 20)) == (0, 0, 0, 0)
    assert clean(picture.content).content == picture.content


def test_bitmap_smaller_than_its_room_is_not_blown_up() -> None:
    picture = clean(bitmap(flat((30, 10))))
    assert (picture.width, picture.height) == (30, 10)
    with Image.open(BytesIO(picture.content)) as image:
        assert image.size == (30, 10)


def test_bitmap_loses_what_came_along() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "taken by Ana")
    exif = Image.Exif()
    exif[0x010E] = "at Ana's house"
    for content in (
        bitmap(flat(), pnginfo=info, exif=exif, icc_profile=b"profile of a screen" * 9) + b"<script>appended</script>",
        bitmap(flat(), "WEBP", lossless=True, exif=exif.tobytes(), xmp=b"<x>Ana</x>") + b"<script>appended</script>",
    ):
        assert b"Ana" in content
        kept = clean(content).content
        assert kept == clean(bitmap(flat())).content
        assert [word for word in (b"Ana", b"profile", b"script", b"EXIF", b"ICCP", b"XMP") if word in kept] == []


def test_bitmap_that_moves_keeps_its_first_picture() -> None:
    first, second = flat((60, 40)), Image.new("RGBA", (60, 40), (0, 0, 255, 255))
    for kind in ("PNG", "WEBP"):
        moving = bitmap(first, kind, save_all=True, append_images=[second], duration=100, lossless=True)
        with Image.open(BytesIO(clean(moving).content)) as image:
            assert getattr(image, "n_frames", 1) == 1
            assert image.convert("RGBA").getpixel((5, 5)) == (200, 0, 40, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_bitmap_of_any_mode_is_taken(mode: str) -> None:
    assert clean(bitmap(Image.new(mode, (50, 40)))).media_type == MediaType.WEBP


def test_bitmap_of_much_detail_is_refused_with_advice_and_given_fewer_colours_before() -> None:
    assert refusal(bitmap(noise((600, 200)))) == "too_large"
    gradient = Image.linear_gradient("L").resize((600, 200)).rotate(33)
    coloured = Image.merge(
        "RGB", (gradient, gradient.rotate(90), noise((600, 200)).convert("L").point(lambda v: v // 32))
    )
    picture = clean(bitmap(coloured), CREST)
    assert len(picture.content) <= CREST.most_bytes
    assert clean(picture.content, CREST).content == picture.content


def test_bitmap_of_many_pixels_is_refused_before_it_is_decoded() -> None:
    def claiming(width: int, height: int) -> bytes:
        header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
        return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")

    assert refusal(claiming(6_000, 6_000)) == "pixels"
    assert refusal(claiming(12_000, 9_000)) in {"pixels", "damaged"}
    assert refusal(claiming(2**31 - 1, 2**31 - 1)) in {"pixels", "damaged"}
    assert refusal(claiming(100, 100)) == "damaged"
    assert refusal(claiming(0, 100)) == "damaged"


def test_bitmap_cut_short_is_refused() -> None:
    for kind in ("PNG", "WEBP"):
        whole = bitmap(noise((60, 40)), kind)
        for length in (13, 20, 40, len(whole) // 2):
            assert refusal(whole[:length]) == "damaged"


def test_unsupported_file_type_is_rejected_despite_its_file_name() -> None:
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
    svgs = (drawing, b"\xef\xbb\xbf\n" + drawing, b'<?xml version="1.0"?>' + drawing)
    for content in (bitmap(flat(), "GIF"), bitmap(flat(), "TIFF"), b"%PDF-1.7", b"hello", *svgs):
        for name in ("logo.png", "logo.svg"):
            with pytest.raises(ValidationError, match=r"not a PNG, JPEG or WebP picture\. Save an SVG as PNG"):
                clean(content, name=name)


def jpeg(size: tuple[int, int] = (600, 200), mode: str = "RGB", **options: object) -> bytes:
    """Red on the left, white on the right."""
    image = Image.new("RGB", size, (255, 255, 255))
    image.paste((200, 0, 40), (0, 0, size[0] // 2, size[1]))
    return bitmap(image.convert(mode), "JPEG", **options)


def corners(content: bytes) -> list[str]:
    """Where the cleaned picture is red: top left, top right, bottom left, bottom right."""
    with Image.open(BytesIO(clean(content).content)) as image:
        right, bottom = image.width - 4, image.height - 4
        places = {"tl": (3, 3), "tr": (right, 3), "bl": (3, bottom), "br": (right, bottom)}
        pixels = image.convert("RGB")
        colours = {name: pixels.getpixel(place) for name, place in places.items()}
    return [name for name, colour in colours.items() if isinstance(colour, tuple) and colour[1] < 128]


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"mode": "CMYK"}, {"mode": "L"}, {"quality": 20}])
def test_jpeg_is_taken_like_any_bitmap(options: dict[str, Any]) -> None:
    picture = clean(jpeg(**options), name="logo.png")
    assert (picture.media_type, picture.width, picture.height) == (MediaType.WEBP, 144, 48)
    assert corners(jpeg(**options)) == ["tl", "bl"]
    assert clean(picture.content).content == picture.content


@pytest.mark.parametrize(
    ("orientation", "red"),
    [(1, "tl bl"), (2, "tr br"), (3, "tr br"), (4, "tl bl"), (5, "tl tr"), (6, "tl tr"), (7, "bl br"), (8, "bl br")],
)
def test_jpeg_is_turned_as_the_camera_noted(orientation: int, red: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert corners(jpeg((200, 200), exif=exif)) == red.split()


def test_jpeg_loses_what_came_along() -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x8825] = "at Ana's house", {1: "N", 2: (17.0, 15.0, 0.0)}
    content = jpeg(exif=exif, icc_profile=b"profile of a screen" * 9, comment=b"taken by Ana") + b"<script>Ana</script>"
    assert content.count(b"Ana") == 3
    assert clean(content).content == clean(jpeg()).content


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def with_segment(marker: int, body: bytes) -> bytes:
    """A JPEG with one more segment at its beginning."""
    return jpeg()[:2] + segment(marker, body) + jpeg()[2:]


@pytest.mark.parametrize(
    "exif",
    [
        b"",
        b"not a table",
        b"II*\x00\xff\xff\xff\xff",
        b"II*\x00\x08\x00\x00\x00\xff\xff" + b"\x12\x01\x03\x00\x01\x00\x00\x00" * 40,
        # The orientation as text, as many numbers, as a number that means nothing, and by zero.
        b"II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x02\x00\x04\x00\x00\x006\x00\x00\x00\x00\x00\x00\x00",
        b"II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\xff\xff\xff\x7f\x08\x00\x00\x00\x00\x00\x00\x00",
        b"II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\xff\x00\x00\x00\x00\x00\x00\x00",
        b"II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x05\x00\x01\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00",
    ],
)
def test_jpeg_with_broken_metadata_is_taken_upright_or_refused(exif: bytes) -> None:
    content = with_segment(0xE1, b"Exif\x00\x00" + exif)
    assert outcome(content) in ("", "damaged")
    if not outcome(content):
        assert corners(content) == ["tl", "bl"]


def test_jpeg_of_many_pixels_or_scans_is_refused_before_it_is_decoded() -> None:
    whole = jpeg()
    frame = whole.index(b"\xff\xc0")
    for width, height in ((6_000, 6_000), (65_500, 65_500)):
        claiming = whole[: frame + 5] + struct.pack(">HH", height, width) + whole[frame + 9 :]
        assert refusal(claiming) in {"pixels", "damaged"}
    progressive = jpeg(progressive=True)
    scan = progressive.rindex(b"\xff\xda")
    assert refusal(progressive[:-2] + progressive[scan:-2] * 99 + b"\xff\xd9") == "parts"


def test_jpeg_cut_short_is_refused() -> None:
    whole = bitmap(noise((60, 40)), "JPEG")
    for length in (4, 20, 200, len(whole) // 2):
        assert refusal(whole[:length]) == "damaged"


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_damaged_jpeg_is_refused_or_cleaned(data: st.DataObject) -> None:
    content = bytearray(jpeg((60, 20), progressive=data.draw(st.booleans())))
    for _change in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(3, len(content) - 1))] = data.draw(st.integers(0, 255))
    assert outcome(bytes(content), CREST) in {"", "damaged", "pixels", "parts", "too_large"}


def test_file_without_bytes_or_with_too_many_is_refused() -> None:
    assert refusal(b"") == "empty"
    assert refusal(b"<" * (LARGEST_UPLOAD + 1)) == "upload_too_large"


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 300), st.integers(1, 120), st.binary(min_size=4, max_size=64))
def test_any_bitmap_stays_as_it_was_cleaned(width: int, height: int, pattern: bytes) -> None:
    pixels = (pattern * (width * height * 4 // len(pattern) + 1))[: width * height * 4]
    try:
        once = clean(bitmap(Image.frombytes("RGBA", (width, height), pixels)), CREST)
    except ValidationError:
        return
    twice = clean(once.content, CREST)
    assert (twice.content, twice.width, twice.height) == (once.content, once.width, once.height)
