"""Parts of a text that are filled in later: %-conversions and names in braces."""

import re

# A conversion of Python's `%` operator, or a per cent sign that is none.
_PERCENT = r"%(?:(?:\([^()%]{0,60}\))?[#0 +-]{0,5}(?:\*|\d{1,5})?(?:\.(?:\*|\d{1,5}))?[hlL]?[diouxXeEfFgGcrsa%])?"
_BRACES = r"\{[^{}]{0,60}\}|[{}]"
PLACEHOLDER = re.compile(f"{_PERCENT}|{_BRACES}")


def find_placeholders(text: str) -> list[str]:
    """All placeholders in their order, with per cent signs and braces that are part of none."""
    return PLACEHOLDER.findall(text)
