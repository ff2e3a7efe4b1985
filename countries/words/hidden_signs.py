"""Characters that no text needs and no reader sees: they hide or reorder text, or mark places of cached pages."""

import re
import unicodedata

# Control, surrogate, private use (`countries.public.page_cache`), unassigned, and the separators of lines.
_CATEGORIES = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
_SIGNS = re.compile("[\u202a-\u202e\u2066-\u2069\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")


def is_hidden(sign: str) -> bool:
    """Whether the character is one of these. Joiners and single marks of direction are not, and line ends are not."""
    return sign != "\n" and (unicodedata.category(sign) in _CATEGORIES or _SIGNS.match(sign) is not None)
