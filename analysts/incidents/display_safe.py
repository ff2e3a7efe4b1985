"""What reporters typed, made fit to be shown."""

import re

_HTTP = re.compile(r"(?i)\bh(tt)(?=ps?\b)")
_DOT = re.compile(r"(?<=\w)\.(?=\w)")


def defang_text(text: str) -> str:
    """The text with whatever may be an address broken: `hxxps[:]//host[.]tld/`.

    Blunt on purpose. A finder that misses one spelling would show an address that a slip of the mouse can open;
    brackets in "e[.]g." cost nothing.
    """
    return _DOT.sub("[.]", _HTTP.sub(_defang_scheme, text).replace("://", "[:]//"))


def _defang_scheme(http: re.Match[str]) -> str:
    return http[0][0] + ("XX" if http[1].isupper() else "xx")
