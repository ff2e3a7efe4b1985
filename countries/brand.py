"""A portal's colour, and whether white text on it is legible."""

# WCAG 2.2, 1.4.3 (AA) for text of ordinary size.
ENOUGH_CONTRAST = 4.5


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


def _relative_luminance(colour: str) -> float:
    if len(colour) != 7 or not colour.startswith("#"):
        raise ValueError("Not a colour such as #1d3b5c.")
    red, green, blue = (_linearise_channel(int(colour[start : start + 2], 16) / 255) for start in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linearise_channel(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
