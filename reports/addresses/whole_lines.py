"""Lines that are one address, as it is copied from a browser or typed, and what of the line may not belong to it.

One line is one item: of two readings the likelier one counts, the other is a hint to the analyst (`Candidate.surplus`).
"""

import re
from collections.abc import Mapping

from reports.addresses.address import parse_url
from reports.addresses.candidates import Candidate
from reports.addresses.defanging import refang_part
from reports.addresses.host import is_host, is_known, match_host
from reports.addresses.spelling import AUTHORITY, COLON, END, HTTP, LONGEST_HOST, ReadableText, end_of

_ALONE = re.compile(r"(?m)^[ \t]*+(?P<url>(?i:https?|ftp|wss?)://[^\s\x00-\x1f\x7f-\x9f\ud800-\udfff<>\"]++)[ \t\r]*+$")
# An address with blanks in it, as people write it: up to eight more words, the last with the ending of a file.
_WITH_BLANKS = re.compile(
    r"(?m)^[ \t]*+(?P<url>(?i:https?)://[^\s<>\"/?#]++/[^\s<>\"?#,;:]*+(?: [^\s<>\"?#,;:]++){1,8}"
    r"(?:(?<=\.(?i:avi|bmp|gif|htm|jpg|mkv|mov|mp4|pdf|png|rar|txt|wmv|zip))|(?<=\.(?i:html|jpeg|webm|webp))))"
    r"[ \t\r]*+$"
)
# The next line, where the one before was wrapped: one word.
_WRAPPED = re.compile(rf"[ \t]*\r?\n[ \t]*(?P<rest>[^{END}@:]{{2,300}}+)[ \t\r]*(?=\n|$)")
_GOES_ON = re.compile(r"[-_=&?%+][ \t]*\r?\n")
_ENTITY = re.compile(r"&amp;(?=[\w.~\[\]%-]{1,100}+=)")
_ANY_SCHEME = re.compile(rf"{HTTP}{COLON}[/\\]{{2}}")
# The beginning of a sentence right behind a host.
_NEXT_SENTENCE = re.compile(r"[\u3002\uff0e\uff61]|\.(?=[A-Z][a-z])")
# At the end of a line these belong to the address: few sentences that are only an address end so.
_PART_OF_ADDRESS = "!?*"


def find_whole_lines(text: ReadableText) -> Mapping[int, int]:
    """The end of each address that may be a whole line, by its beginning."""
    lines = {line.start("url"): line.end("url") for line in _WITH_BLANKS.finditer(text.typed)}
    return lines | {line.start("url"): line.end("url") for line in _ALONE.finditer(text.typed)}


def read_whole_line(text: ReadableText, at: int, end: int, prose: Candidate | None) -> Candidate | None:
    """The line as the URL standard reads it, or as running text (`prose`) where that ends the address at punctuation or
    at the next sentence. None if it is several addresses, or none."""
    tail_start = end_of(AUTHORITY, text.typed, text.typed.index("://", at) + 3)
    tail = text.cut_original(tail_start, end)
    if "[" in tail and refang_part(tail) != tail:
        return None  # disarmed: no browser copies brackets
    plain_tail = without_entities(tail)
    url = text.typed[at:tail_start] + plain_tail.replace(" ", "%20")
    whole = parse_url(url)
    several = prose is not None and _ANY_SCHEME.search(text.folded, prose.end, end) is not None
    if whole is None or several or not is_host(whole.hostname) or len(whole.hostname) > LONGEST_HOST:
        return None
    reading = Candidate(at, end, url, tail=tail if url.endswith(tail) else "")
    if prose is None:
        return reading
    surplus = text.cut_original(prose.end, end)
    read = parse_url(prose.url)
    is_same_host = read is not None and read.hostname == whole.hostname
    starts_sentence = _NEXT_SENTENCE.match(text.typed, prose.end) and not (prose.tail or is_known(whole.hostname))
    is_punctuation = bool(surplus) and " " not in surplus and surplus[0] not in _PART_OF_ADDRESS
    if starts_sentence or (is_punctuation and is_same_host):
        return prose._replace(surplus=surplus)
    return _read_wrapped(text, reading)


def _read_wrapped(text: ReadableText, reading: Candidate) -> Candidate:
    """With the next line, where this one breaks off inside the address and the next is no address of its own."""
    wrapped = _WRAPPED.match(text.typed, reading.end) if _GOES_ON.match(text.typed, reading.end - 1) else None
    if wrapped is None or match_host(text.folded, *wrapped.span("rest")) is not None:
        return reading
    return Candidate(reading.start, wrapped.end("rest"), reading.url + wrapped["rest"])


def without_entities(tail: str) -> str:
    """A tail copied from the source of a page, where `&` between two parameters is written `&amp;`."""
    return _ENTITY.sub("&", tail) if "?" in tail else tail
