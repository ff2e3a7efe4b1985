"""Colours and their contrast, as WCAG defines it."""

# WCAG 2.2, 1.4.3 (AA) for text of ordinary size; 1.4.11 for large text and graphics.
ENOUGH_CONTRAST = 4.5
ENOUGH_FOR_GRAPHICS = 3.0


def contrast_ratio(one: str, other: str) -> float:
    """The contrast of two colours such as `#1d3b5c`, 1 to 21, as WCAG defines it.

    Raises ValueError for text that is no such colour.
    """
    light, dark = sorted((_relative_luminance(one), _relative_luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable_under_white(colour: str) -> bool:
    return contrast_ratio(colour, "#ffffff") >= ENOUGH_CONTRAST


def too_light(colour: str) -> bool:
    """Whether white text would be illegible on the colour entered; False for an empty or invalid value.

    The model's own validator defines the format of a colour.
    """
    try:
        return bool(colour) and not readable_under_white(colour)
    except ValueError:
        return False


def too_close(colour: str, brand: str) -> bool:
    """Whether shapes in the colour would be hard to see on the brand colour; False for an empty or invalid value."""
    try:
        return bool(colour) and contrast_ratio(colour, brand) < ENOUGH_FOR_GRAPHICS
    except ValueError:
        return False


def mix_colours(one: str, other: str, share: float) -> str:
    """The colour between the two, with `share` (0 to 1) of the other."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def darken_until(colour: str, ground: str, contrast: float) -> str:
    """The colour, mixed with as much black as it needs for the contrast with a light ground."""
    return _mix_until(colour, "#000000", ground, contrast)


def lighten_until(colour: str, ground: str, contrast: float) -> str:
    """The colour, mixed with as much white as it needs for the contrast with a dark ground."""
    return _mix_until(colour, "#ffffff", ground, contrast)


def _mix_until(colour: str, other: str, ground: str, contrast: float) -> str:
    steps = (mix_colours(colour, other, step / 20) for step in range(20))
    return next((step for step in steps if contrast_ratio(step, ground) >= contrast), other)


def _channels(colour: str) -> tuple[int, int, int]:
    if len(colour) != 7 or not colour.startswith("#"):
        raise ValueError("Not a colour such as #1d3b5c.")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _relative_luminance(colour: str) -> float:
    red, green, blue = (_linearise_channel(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linearise_channel(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
