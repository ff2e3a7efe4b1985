"""Defanging of text from reporters."""

import re

_HTTP = re.compile(r"(?i)\bh(tt)(?=ps?\b)")
# Any other scheme: after hxxp, nothing makes a link of it.
_MARK = re.compile(r"(?i)(?<!\bhxxp)(?<!\bhxxps)://")
_DOT = re.compile(r"(?<=\w)\.(?=\w)")


def defang_text(text: str) -> str:
    """Defang everything that could be an address, in the spelling of `defang_address`: `hxxps://host[.]tld/`.

    Deliberately over-inclusive: an address finder that misses one spelling would leave a clickable address, while
    brackets in "e[.]g." do no harm.
    """
    return _DOT.sub("[.]", _MARK.sub("[:]//", _HTTP.sub(_defang_scheme, text)))


def _defang_scheme(http: re.Match[str]) -> str:
    return http[0][0] + ("XX" if http[1].isupper() else "xx")
