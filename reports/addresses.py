"""The addresses in what a reporter typed: found, normalised, compared, and written so that nothing follows them.

Pure text: nothing here may resolve, fetch or open anything. Addresses are read as a browser reads them (can_ada,
WHATWG URL); where a site begins is told by the bundled public suffix list. Nothing is cached, and the parts of an
address stay out of its `repr`: either would keep reporters' words in memory or in a log.

Where a choice had to be made, one address too many beats one lost:

* A host without a scheme needs a known suffix. A run-on such as "hello.It" is found all the same, and a sentence that
  runs on after a host ("example.com.Please") is cut off.
* `[.]`, `(.)`, `{.}` and their spelt forms `[dot]`, `(dot)`, `{dot}` are dots, with or without spaces around. A bare
  " dot " or " . " is prose.
* E-mail addresses, and `mailto:`, `data:`, `javascript:` and `file:` URIs, name no place on a network and are passed
  over; an http address written out inside one is still found.
* A host without a scheme is taken to be http, which sites answer or redirect.
* `si` is a tracking parameter on the sites known to use it so; elsewhere it may choose the content, and stays.
* A fragment is part of the key only where it chooses the content: `#/`, `#!`, file hosts' `#F!`, and in app links.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import takewhile
from typing import NamedTuple
from urllib.parse import unquote

import can_ada
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from publicsuffixlist import PublicSuffixList

HIDDEN = "•••"

# Added to an address by the page it was copied from or sent with; none chooses what is shown. In lower case.
TRACKING_PREFIXES = ("utm_", "hsa_", "mtm_", "pk_")
CLICK_IDS = {"dclid", "fbclid", "gbraid", "gclid", "msclkid", "ttclid", "twclid", "wbraid", "yclid", "ysclid"}
SHARE_IDS = {"igsh", "igshid", "mibextid"}
MAILING_IDS = {"_hsenc", "_hsmi", "mc_cid", "mc_eid", "mkt_tok", "oly_anon_id", "oly_enc_id", "vero_conv", "vero_id"}
CAMPAIGNS = {"_openstat", "gad_campaignid", "gad_source", "gclsrc", "rb_clickid", "s_cid", "srsltid", "wickedid"}
ORIGINS = {"_ga", "_gl", "fb_action_ids", "fb_action_types", "fb_source", "ref_src", "ref_url", "spm"}
TRACKING_PARAMETERS = frozenset(CLICK_IDS | SHARE_IDS | MAILING_IDS | CAMPAIGNS | ORIGINS)
SI_IS_TRACKING = frozenset({"spotify.com", "youtu.be", "youtube-nocookie.com", "youtube.com"})

# Parameters whose value may lead to a person. In lower case.
SESSIONS = {"asp.net_sessionid", "cfid", "cftoken", "jsessionid", "phpsessid", "sess", "sessid", "session", "sessionid"}
SESSIONS |= {"session_id", "sid", "sso"}
SECRETS = {"access_token", "accesstoken", "api_key", "apikey", "auth", "auth_token", "authtoken", "id_token", "jwt"}
SECRETS |= {"oauth_token", "otp", "pass", "password", "pwd", "refresh_token", "secret", "sig", "sign", "signature"}
SECRETS |= {"token", "x-amz-credential", "x-amz-security-token", "x-amz-signature"}
ACCOUNTS = {"account", "account_id", "authuser", "e-mail", "email", "login", "mail", "member", "phone", "recipient"}
ACCOUNTS |= {"tel", "uid", "user", "user_id", "userid", "username"}
INVITATIONS = {"code", "invitation", "invitation_code", "invite", "invite_code", "invitecode", "ref_code", "refcode"}
INVITATIONS |= {"referral", "referral_code"}
SHARERS = {"sec_user_id", "sender_device", "sender_web_id", "share_author_id", "share_id", "share_link_id"}
SHARERS |= {"share_token", "sharer", "si", "u_code"}
PERSONAL_PARAMETERS = frozenset(
    SESSIONS | SECRETS | ACCOUNTS | INVITATIONS | SHARERS | CLICK_IDS | SHARE_IDS | MAILING_IDS
)
# Where the path itself is an invitation.
INVITING = ("chat.whatsapp.com/", "discord.gg/", "t.me/+")

# Longer is no host of the domain name system. The limit for what stands before "@" keeps the search linear.
LONGEST_HOST = 253
LONGEST_USERINFO = 300
HIGHEST_PORT = 65_535


class AddressKind(TextChoices):
    WEB = "web", _("web")
    # I2P counts as one: like an onion service it is in no name server, and no hosting place can be looked up.
    ONION = "onion", _("hidden service (onion, I2P)")
    IP = "ip", _("IP address")
    APP = "app", _("app or other link")


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """One address found in a text.

    reported: the characters found, exactly as typed.
    normalised: what is shown, kept and sent; `find_addresses` finds it again, unchanged.
    key: what fingerprints are made of; equal for http, https and no scheme.
    host: ASCII and lower case; an IP address without brackets; "" where an app link has none.
    site: the registrable domain, or the host itself where it has none.
    """

    reported: str
    normalised: str
    key: str
    host: str
    site: str
    kind: AddressKind


# Suffixes the public list does not carry: reserved names and I2P.
_RULES = [
    *files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text(encoding="utf-8").splitlines(),
    *("example", "invalid", "test", "i2p", "b32.i2p"),
]
_SUFFIXES = PublicSuffixList(_RULES, accept_unknown=False)
_LAST_LABELS = {rule.strip().rpartition(".")[2] for rule in _RULES if rule.strip() and not rule.startswith("//")}
_TOP_LEVEL = frozenset(_LAST_LABELS | {label.encode("idna").decode("ascii") for label in _LAST_LABELS})

# Characters nobody sees: soft hyphen, zero-width characters, direction marks.
_INVISIBLE = frozenset(
    "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)

# What ends an address wherever it stands, as members of a character class: white space, control characters, lone
# surrogates, angle brackets, double quotes, and the sentence punctuation of other scripts. A browser copies an address
# with all of these encoded.
_END = (
    r'\s\x00-\x1f\x7f-\x9f\ud800-\udfff<>"`'
    "\u00ab\u00bb\u2018\u201a-\u201f\u2026\u2039\u203a"  # quotation marks but the apostrophe; the ellipsis
    "\u055d\u060c\u061b\u061f\u06d4\u0964\u0965"  # Armenian, Arabic, Urdu, Devanagari
    "\u104a\u104b\u1361-\u1368\u17d4\u17d5"  # Burmese, Ethiopic, Khmer
    "\u3001\u3002\u3008-\u3011\u3014\u3015\uff01\uff08\uff09\uff0c\uff1b\uff3b\uff3d\uff5b\uff5d\uff61-\uff64"
)
_END_IN_PLAIN = _END + "\uff0e\uff1a\uff1f"  # separators of an address typed in full width, else punctuation
_PUNCTUATION = r"!#$&'()*+,./:;=?@\[\\\]^{|}~%\u2010-\u205e"
# A label of a host: letters, digits and marks of any script, hyphen, underscore. Without a scheme no symbols: bullets,
# arrows and emoji stand in front of an address more often than inside it.
_SYMBOLS = r"\xa0-\xbf\xd7\xf7\u2070-\u2bff\u3000-\u3004\u3008-\u3020\U0001f000-\U0001faff"
_LABEL = rf"[^{_END}{_PUNCTUATION}{_SYMBOLS}]"
_WEB_LABEL = rf"(?:[^{_END}{_PUNCTUATION}]|%[0-9a-fA-F]{{2}})"
_IPV6 = r"\[(?=:*[0-9a-fA-F])[0-9a-fA-F:.]{2,45}\]"
_GAP = r"[ \t]{0,2}"
_ANY_DOT = r" ?(?:\.|(?i:dot)) ?"
_DOT = rf"(?:\.|{_GAP}(?:\[{_ANY_DOT}\]|\({_ANY_DOT}\)|\{{{_ANY_DOT}\}}){_GAP})"
_COLON = r"(?:\[:\]|\(:\)|\{:\}|:)"
_HTTP = r"(?i:h(?:tt|xx)ps?)"

# Where an address may begin: at a word, at a bracketed IPv6 address, or at "http" even inside a word ("seehttp://").
_START = re.compile(rf"(?<!{_LABEL}){_LABEL}|\[(?=[0-9a-fA-F:])|{_HTTP}(?={_GAP}[:;(\[{{/\\])")
_NO_PLACE = re.compile(r"(?i:javascript|vbscript|mailto):\S*|(?i:data):[^\s,]{0,200},\S*|(?i:file):[/\\]\S*")
_EMAIL = re.compile(rf"[\w.+%-]{{1,64}}+(?:@|\[(?i:at|@)\]|\((?i:at|@)\)){_LABEL}++(?:{_DOT}{_LABEL}++)++")
# "http" in the ways people disarm or mistype it.
_ANY_HTTP = r"(?i:h{0,2}[tpx*_]{2,4}s{0,2})"
_WEB = re.compile(
    rf"(?P<scheme>{_ANY_HTTP})"
    rf"(?P<mark>{_GAP}(?:\[://\]|(?:{_COLON}|;){_GAP}[/\\]{{0,4}}|[/\\]{{2,4}}){_GAP})"
    rf"(?P<user>[^{_END}/?#\\]{{0,{LONGEST_USERINFO}}}@)?"
    rf"(?!{_HTTP}(?!{_DOT}?{_WEB_LABEL}))"  # a scheme written twice: the second counts
    rf"(?P<host>{_IPV6}|{_WEB_LABEL}++(?:{_DOT}{_WEB_LABEL}++)*+)"
)
_WEB_SCHEME = re.compile(_ANY_HTTP)
_PLAIN_SCHEME = re.compile(_HTTP)
_PLAIN_MARK = re.compile(rf"\[://\]|{_COLON}[/\\]{{1,4}}")
_SLASHES = re.compile(r"[/\\]{2}")
_BARE = re.compile(rf"{_IPV6}|{_LABEL}++(?:{_DOT}{_LABEL}++)++")
# Any scheme before "://", but without dots: a dot ends the sentence before. Without the slashes only schemes known to
# be used so, because "note:this" is prose.
_APP = re.compile(
    r"(?P<scheme>(?i:[a-z][a-z0-9+-]{1,39}(?<!http)(?<!https)(?<!hxxp)(?<!hxxps)))"
    rf"(?P<mark>{_COLON}//|\[://\])"
)
_SHORT_APP = re.compile(
    r"(?<![a-zA-Z0-9+.-])(?P<scheme>(?i:discord|ed2k|fb|instagram|intent|ipfs|ipns|magnet|sgnl|skype|snapchat"
    rf"|tg|viber|whatsapp|xmpp))(?P<mark>{_COLON})"
)
_NOT_APPS = frozenset({"about", "blob", "data", "file", "javascript", "mailto", "vbscript"})

_DOTS = re.compile(_DOT)
_PORT = re.compile(rf"{_COLON}(?:(?P<number>[0-9]{{1,5}})(?!\w)|(?=[/\\]))")
_ROOT_DOT = re.compile(r"\.(?=[/?#\\]|:[0-9])")
_SCHEME_MARK = re.compile(rf"{_COLON}//")
# The scheme of the next address, where it sticks to the host before it.
_STUCK_HTTP = re.compile(rf"{_HTTP}$")
_OPENERS = frozenset("/?#\\")
_PORT_OR_TAIL = re.compile(rf"[/\\]|[?#]\w|{_COLON}[0-9]")
_AUTHORITY = re.compile(rf"[^{_END}/?#\\]*")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_ASCII_LABEL = re.compile(r"xn--[a-z0-9-]+|[a-z0-9]+")
# What sticks to the front of a host and is not part of it: Markdown, and text in the scripts that no host mixes with
# Latin letters (Arabic, Indic, Chinese, ...). Cyrillic and Greek stay: looking like Latin, they are mixed to deceive.
_STUCK_IN_FRONT = re.compile(
    "[-_]++|[\u0590-\u109f\u1200-\u139f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]++(?=[a-zA-Z0-9])"
)

# Path, query and fragment up to a character that may end them. Another http address ends them where it is stuck to a
# word; after a slash or an equals sign it is part of them (archives, redirectors).
_STRETCH = (
    r"(?:[^%s,;|'()\[\]{}hH]++|(?<![^\W_])[hH]|(?<=%%[0-9a-fA-F]{2})[hH]"
    rf"|[hH](?!(?i:tt|xx)[pP][sS]?{_COLON}[/\\]{{2}}))*+"
)
_STRETCH_OF_TAIL = re.compile(_STRETCH % _END_IN_PLAIN)
_STRETCH_OF_FULL_WIDTH_TAIL = re.compile(_STRETCH % _END)
_SEPARATORS = frozenset(",;|")
_MAY_END = _SEPARATORS | frozenset("'()[]{}")
_MARKDOWN = re.compile(r"(?<!\[\.)\]\(")
_HTTP_AHEAD = re.compile(_HTTP + _COLON)
_CLOSER_OF = {"(": ")", "[": "]", "{": "}"}
# Trimmed from the end of an address, as are closing brackets that it did not open.
_TRAILING = frozenset(".,;:!?*|'\u2019([{")

_SCHEME_AND_AUTHORITY = re.compile(r"https?://[^/?#]*|[a-z][a-z0-9+.-]*:(?://)?")
_DOT_SEGMENT = re.compile(r"(?<=/)\.{1,2}(?=/|$)")
_DEFAULT_PORT = re.compile(r":(?:80|443)$")
_ROUTE = re.compile(r"/|[A-Za-z]?!")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:]+\]")
_IPV4 = re.compile(r"[0-9.]+")

# Brackets around brackets are somebody's own, and stay: what is undone once must not be undone again.
_ARMED_DOT = re.compile(r"(?<![\[({])\.|\.(?![\])}])")
_DISARMED_DOT = re.compile(r"(?<!\[)\[\.\]|\[\.\](?!\])")
_DISARMED_HTTP = re.compile(r"(?<=[hH])[xX]{2}(?=[pP][sS]?:[/\\])")
_ARMED_HTTP = re.compile(r"(?<=[hH])[tT]{2}(?=[pP][sS]?:[/\\])")
_ARMED_MARK = re.compile(r"(?i:(?<!hxxp)(?<!hxxps))://")
_DOTTED = re.compile(rf"(?<!{_LABEL}){_LABEL}++(?:\.{_LABEL}++)++")
_T_TO_X = str.maketrans("tT", "xX")
_X_TO_T = str.maketrans("xX", "tT")
_WEB_LEAD = re.compile(rf"(?i:h(?:tt|xx)p(?P<secure>s?))(?:\[://\]|{_COLON}[/\\]{{0,4}})")
_APP_LEAD = re.compile(rf"(?P<scheme>(?i:[a-z][a-z0-9+.-]*)){_COLON}(?![0-9])(?P<slashes>/{{0,2}})")

_USERINFO = re.compile(r"[^/?#]{0,40}//[^/?#]*@")
_EMAIL_WITHIN = re.compile(r"[\w.+-]{1,64}@[\w-]+\.\w")
_PATH_PARAMETER = re.compile(r";([^=;/]{1,40})=")
_INVITATION = re.compile(rf"(?i:/(?:join|joinchat|invite|invitation)/.|\b(?:{'|'.join(map(re.escape, INVITING))}).)")


class _Text(NamedTuple):
    """A text without invisible characters. `folded` is as long as `typed`, with full-width and decorated ASCII made
    plain; `places` tells where each character stood."""

    typed: str
    folded: str
    places: Sequence[int]


class _Candidate(NamedTuple):
    """Characters `start` to `end` of a `_Text`, and the URL they mean, still to be parsed."""

    start: int
    end: int
    url: str


def find_addresses(text: str) -> list[Address]:
    """The addresses in any text, in order of first appearance, one for each key. Never raises, and the time it takes
    grows with the length of the text, whatever that holds."""
    readable = _readable(text)
    found: dict[str, Address] = {}
    urls: set[str] = set()
    for start, end, url in _candidates(readable):
        if url in urls:
            continue
        urls.add(url)
        address = _address(text[readable.places[start] : readable.places[end - 1] + 1], url)
        if address is not None:
            found.setdefault(address.key, address)
    return list(found.values())


def defang(address: str) -> str:
    """An address as people may see it: `hxxps://host[.]tld/path`, `tg[:]//...`.

    No client makes a link of it, not even of a second address inside it, and `find_addresses` finds the same key in it.
    Text that is no address comes back disarmed in the same way.
    """
    typed, folded, _places = _readable(address)
    lead, host_start = "", 0
    if web := _WEB_LEAD.match(folded):
        lead, host_start = f"hxxp{web['secure'].lower()}://", web.end()
    elif app := _APP_LEAD.match(folded):
        lead, host_start = f"{app['scheme'].lower()}[:]{app['slashes']}", app.end()
    tail_start = _end_of(_AUTHORITY, folded, host_start)
    authority = _ARMED_DOT.sub("[.]", folded[host_start:tail_start])
    tail = _DOTTED.sub(_disarmed_host, typed[tail_start:])
    disarmed = _ARMED_HTTP.sub(lambda letters: letters[0].translate(_T_TO_X), authority + tail)
    return lead + _ARMED_MARK.sub("[:]//", disarmed)


def mask(address: str) -> str:
    """An address defanged and hidden: `hxxps://ex•••[.]co[.]uk/•••`. Kept are the scheme, the public suffix and at most
    two letters of the host, never its whole name. Text that is no address is hidden entirely."""
    found = find_addresses(address)
    if not found:
        return HIDDEN
    first = found[0]
    scheme, _colon, rest = first.normalised.partition(":")
    lead = f"{scheme}[:]" if first.kind == AddressKind.APP else scheme.replace("http", "hxxp") + ":"
    if not first.host:
        return lead + HIDDEN
    suffix = "" if _is_ip(first.host) else _suffix(first.host)
    name = first.host.removesuffix(f".{suffix}")
    shown = name[: min(2, len(name) - 1)].partition(".")[0]
    _authority, _slash, path = rest.removeprefix("//").partition("/")
    more = f"/{HIDDEN}" if path or "?" in rest or "#" in rest else ""
    return f"{lead}//{shown}{HIDDEN}" + "".join(f"[.]{label}" for label in suffix.split(".") if label) + more


def personal_tokens(address: str) -> list[str]:
    """Names, never values, of what in an address may lead to a person: parameters as they are spelt there, and
    `userinfo`, `email` and `invite` for parts without a name. The reported form may have some that the normalised one
    has lost."""
    head, _hash, fragment = _refanged(address).partition("#")
    head, _mark, query = head.partition("?")
    userinfo = _USERINFO.match(head)
    path = unquote(head[userinfo.end() :] if userinfo else head)
    names = ["userinfo"] if userinfo else []
    names += ["email"] if _EMAIL_WITHIN.search(path) else []
    names += ["invite"] if _INVITATION.search(path) else []
    names += [name for name in _PATH_PARAMETER.findall(path) if name.lower() in PERSONAL_PARAMETERS]
    for parameter in [*query.split("&"), *fragment.split("&")]:
        name, _equals, value = parameter.partition("=")
        if _EMAIL_WITHIN.search(unquote(name)):
            names.append("email")
        elif name.lower() in PERSONAL_PARAMETERS or _EMAIL_WITHIN.search(unquote(value)):
            names.append(name)
    return list(dict.fromkeys(names))


def _readable(text: str) -> _Text:
    if text.isascii():
        return _Text(text, text, range(len(text)))
    places = [place for place, character in enumerate(text) if character not in _INVISIBLE]
    typed = "".join(text[place] for place in places)
    return _Text(typed, "".join(map(_folded, typed)), places)


def _folded(character: str) -> str:
    """The plain ASCII of a full-width, half-width or mathematical letter. Other compatibility forms stay, or the
    footnote in "example.com²" would become part of the host."""
    if character.isascii():
        return character
    if character in "\u3002\uff61":
        return "."
    if unicodedata.decomposition(character).startswith(("<wide>", "<narrow>", "<font>")):
        plain = unicodedata.normalize("NFKC", character)
        return plain if plain.isascii() else character
    return character


def _candidates(text: _Text) -> Iterator[_Candidate]:
    position = bare_from = 0
    while (begin := _START.search(text.folded, position)) is not None:
        at = begin.start()
        position = at + 1
        if at >= bare_from and (passed_over := _NO_PLACE.match(text.folded, at)):
            bare_from = passed_over.end()
        elif email := _EMAIL.match(text.folded, at):
            position = email.end()
        elif candidate := _web_candidate(text, at) or _app_candidate(text, at):
            yield candidate
            position = candidate.end
        elif at >= bare_from and (bare := _BARE.match(text.folded, at)):
            # A run of labels is tried once, or a long one would be tried again from each of its labels.
            bare_from = bare.end()
            if candidate := _bare_candidate(text, bare):
                yield candidate
                position = candidate.end


def _web_candidate(text: _Text, at: int) -> _Candidate | None:
    match = _WEB.match(text.folded, at)
    if match is None:
        return None
    plain = _PLAIN_SCHEME.fullmatch(match["scheme"]) is not None
    slashes = _SLASHES.search(match["mark"]) is not None
    exact = (plain or slashes) and _PLAIN_MARK.fullmatch(match["mark"]) is not None
    # "pp: see example.com" is prose, and only after a scheme written out is what stands before "@" a user name.
    if not exact and (match["user"] or not (plain or slashes)):
        return None
    scheme = "https" if match["scheme"][-1] in "sS" else "http"
    lead = f"{scheme}://{_refanged(match['user'] or '')}"
    return _host_candidate(text, at, match.span("host"), lead=lead, exact=exact)


def _bare_candidate(text: _Text, match: re.Match[str]) -> _Candidate | None:
    start, end = match.span()
    if _SCHEME_MARK.match(text.folded, end) and not _STUCK_HTTP.search(text.folded, start, end):
        return None
    if start > 1 and text.folded[start - 1] == "@" and not text.folded[start - 2].isspace():
        return None  # the rest of an e-mail address
    if stuck := _STUCK_IN_FRONT.match(text.folded, start, end):
        start = stuck.end()
    return _host_candidate(text, start, (start, end), lead="http://", exact=False)


def _host_candidate(text: _Text, start: int, span: tuple[int, int], *, lead: str, exact: bool) -> _Candidate | None:
    """The address whose host stands at `span`. After an `exact` scheme any host is taken whole where a port or path
    follows; else one with a known suffix is cut where that ends, and without a scheme there is no other."""
    folded = text.folded
    host_start, host_end = span
    if _SCHEME_MARK.match(folded, host_end) and (stuck := _STUCK_HTTP.search(folded, host_start, host_end)):
        host_end = stuck.start()
    known = _known_host(folded, host_start, host_end)
    whole = known is None or (known[1] < host_end and _PORT_OR_TAIL.match(text.typed, host_end) is not None)
    if folded[host_start] == "[" or (exact and whole):
        host, end = _DOTS.sub(".", folded[host_start:host_end]), host_end
    elif known is not None:
        host, end = known
    else:
        return None
    # Tested before the rest is read, or a row of hosts that no browser opens would cost the square of its length.
    if len(host) > LONGEST_HOST or not can_ada.can_parse(f"http://{host}/"):
        return None
    if end < host_end:
        return _Candidate(start, end, lead + host)
    after = end + 1 if _ROOT_DOT.match(folded, end) else end
    number = ""
    port = _PORT.match(folded, after)
    if port is not None and int(port["number"] or 0) <= HIGHEST_PORT:
        number, after = f":{port['number']}" if port["number"] else "", port.end()
    tail = _tail(text, start, after, listed=start == host_start)
    if tail or number:
        end = after + len(tail)
    return _Candidate(start, end, f"{lead}{host}{number}{_refanged(tail)}")


def _known_host(folded: str, start: int, end: int) -> tuple[str, int] | None:
    """The longest host with a known suffix, or the IPv4 address, at the beginning of a run of labels; and its end.

    Where the whole of a label is unknown, its ASCII beginning may be a suffix: "example.com-then", and Chinese prose.
    """
    labels, ends, at = [], [], start
    for dot in _DOTS.finditer(folded, start, end):
        labels.append(folded[at : dot.start()])
        ends.append(dot.start())
        at = dot.end()
    labels.append(folded[at:end])
    ends.append(end)
    numbers = list(takewhile(lambda label: label.isascii() and label.isdigit(), labels))
    if len(numbers) == 4 and all(len(number) <= 3 and int(number) <= 255 for number in numbers):
        return ".".join(numbers), ends[3]
    for count in range(len(labels), 1, -1):
        last = labels[count - 1]
        if last.lower() in _TOP_LEVEL:
            return ".".join(labels[:count]), ends[count - 1]
        ascii_part = _ASCII_LABEL.match(last.lower())
        if ascii_part and ascii_part[0] in _TOP_LEVEL:
            return ".".join([*labels[: count - 1], ascii_part[0]]), ends[count - 1] - len(last) + ascii_part.end()
    return None


def _app_candidate(text: _Text, at: int) -> _Candidate | None:
    match = _APP.match(text.folded, at) or _SHORT_APP.match(text.folded, at)
    if match is None or match["scheme"].lower() in _NOT_APPS or _WEB_SCHEME.fullmatch(match["scheme"]):
        return None
    lead = match["scheme"] + ("://" if "/" in match["mark"] else ":")
    # The authority alone first, for the reason given above.
    authority = text.typed[match.end() : _end_of(_AUTHORITY, text.typed, match.end())]
    if not can_ada.can_parse(lead + _refanged(authority)):
        return None
    before = _before(text, at)
    end = _tail_end(text, match.end(), stretch=_STRETCH_OF_TAIL, before=before, listed=False)
    tail = _trimmed(text.typed[match.end() : end], before=before)
    return _Candidate(at, match.end() + len(tail), lead + _refanged(tail))


def _tail(text: _Text, start: int, at: int, *, listed: bool) -> str:
    """Path, query and fragment of the address that began at `start`, as they stand at `at`. They are taken as typed,
    unless what came before was in full width. A `listed` address had no scheme: a comma may part it from the next."""
    typed, folded = text.typed, text.folded
    opener = folded[at : at + 1]
    if opener not in _OPENERS:
        return ""
    before = _before(text, start)
    if typed[start:at] != folded[start:at]:
        end = _tail_end(text, at + 1, stretch=_STRETCH_OF_FULL_WIDTH_TAIL, before=before, listed=False)
        rest = folded[at + 1 : end]
    elif opener in (typed[at], "/"):
        end = _tail_end(text, at + 1, stretch=_STRETCH_OF_TAIL, before=before, listed=listed)
        rest = typed[at + 1 : end]
    else:
        return ""  # a full-width question mark after an address in plain letters ends the sentence
    return _trimmed(opener + rest, before=before)


def _tail_end(text: _Text, at: int, *, stretch: re.Pattern[str], before: str, listed: bool) -> int:
    """Where a tail that goes on at `at` is ended by the text around it: by the partner of the bracket or quotation mark
    right `before` the address, by Markdown's "](", or by a separator with another address behind it."""
    typed = text.typed
    closer = "'" if before == "'" else _CLOSER_OF.get(before)
    depth = 1
    end = _end_of(stretch, typed, at)
    while end < len(typed) and (mark := typed[end]) in _MAY_END and not _MARKDOWN.match(typed, end):
        if mark == closer:
            depth -= 1
        elif mark == before:
            depth += 1
        if not depth or (mark in _SEPARATORS and _address_ahead(text, end + 1, listed=listed)):
            break
        end = _end_of(stretch, typed, end + 1)
    return end


def _address_ahead(text: _Text, at: int, *, listed: bool) -> bool:
    if _HTTP_AHEAD.match(text.folded, at):
        return True
    bare = _BARE.match(text.folded, at) if listed else None
    return bare is not None and _known_host(text.folded, *bare.span()) is not None


def _end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _before(text: _Text, start: int) -> str:
    return text.typed[start - 1] if start else ""


def _trimmed(tail: str, *, before: str = "") -> str:
    """A tail without the punctuation at its end. Markdown's emphasis goes only where it also stands `before`."""
    spare = {closer: tail.count(closer) - tail.count(opener) for opener, closer in _CLOSER_OF.items()}
    end = len(tail)
    while end:
        last = tail[end - 1]
        if last in _TRAILING or (last == before and last in "_~"):
            if last in _CLOSER_OF:
                spare[_CLOSER_OF[last]] += 1
        elif spare.get(last, 0) > 0:
            spare[last] -= 1
        else:
            break
        end -= 1
    return tail[:end]


def _refanged(part: str) -> str:
    """What `defang` did to the parts beside the host, undone."""
    return _DISARMED_HTTP.sub(
        lambda letters: letters[0].translate(_X_TO_T), _DISARMED_DOT.sub(".", part.replace("[:]//", "://"))
    )


def _disarmed_host(match: re.Match[str]) -> str:
    return match[0].replace(".", "[.]") if _known_host(match[0], 0, len(match[0])) else match[0]


def _address(reported: str, url: str) -> Address | None:
    try:
        parsed = can_ada.parse(url)
    except ValueError:  # not known to happen once the authority parses; a report must not stop at it
        return None
    # ada-url/ada#935: after a segment such as ".b" plain dot segments stay. Encoded ones are always resolved.
    if _DOT_SEGMENT.search(parsed.pathname):
        parsed.pathname = _DOT_SEGMENT.sub(lambda dots: "%2e" * len(dots[0]), parsed.pathname)
    if parsed.hostname.endswith("."):
        parsed.hostname = parsed.hostname.rstrip(".")
    web = parsed.protocol in {"http:", "https:"}
    host = parsed.hostname if web else _host_of_app(parsed.hostname)
    if web and not (_is_host(host) and len(parsed.username) + len(parsed.password) < LONGEST_USERINFO):
        return None
    host = host.strip("[]")
    normalised = _without_tracking(parsed.href, host)
    lead = _end_of(_SCHEME_AND_AUTHORITY, normalised, 0)
    if not web and not _LETTER_OR_DIGIT.search(normalised, lead):
        return None
    normalised = normalised[:lead] + _ended(normalised[lead:])
    return Address(
        reported=reported,
        normalised=normalised,
        key=_key(normalised) if web else normalised,
        host=host,
        site=_site(host),
        kind=_kind(host) if web else AddressKind.APP,
    )


def _is_host(host: str) -> bool:
    """Of the host of a parsed URL: whether it can name a place. The parser lets empty labels pass and, from decorated
    letters, brackets; and "http://http//..." is a slip."""
    return _HOST.fullmatch(host) is not None and _PLAIN_SCHEME.fullmatch(host) is None


def _host_of_app(hostname: str) -> str:
    """The host in an app link, or "" where the word in its place is an action, as in tg://resolve."""
    if not hostname or not (hostname.startswith("[") or _known_host(hostname, 0, len(hostname))):
        return ""
    try:
        host = can_ada.parse(f"http://{hostname}/").hostname
    except ValueError:
        return ""
    return host if _is_host(host) else ""


def _without_tracking(href: str, host: str) -> str:
    """Empty queries and fragments go too: they would be trimmed as punctuation when the address is found again."""
    head, _hash, fragment = href.partition("#")
    head, _mark, query = head.partition("?")
    kept = "&".join(parameter for parameter in query.split("&") if not _is_tracking(parameter, host))
    return head + (f"?{kept}" if kept else "") + (f"#{fragment}" if fragment else "")


def _is_tracking(parameter: str, host: str) -> bool:
    name = parameter.partition("=")[0].lower()
    if name == "si":
        return _site(host) in SI_IS_TRACKING
    return name in TRACKING_PARAMETERS or name.startswith(TRACKING_PREFIXES)


def _ended(tail: str) -> str:
    """With its last character encoded where that would be trimmed as punctuation, once what stood behind it is gone."""
    return tail if _trimmed(tail) == tail else f"{tail[:-1]}%{ord(tail[-1]):02X}"


def _key(normalised: str) -> str:
    address, _hash, fragment = normalised.partition("#")
    path_start = _end_of(_SCHEME_AND_AUTHORITY, address, 0)
    authority = _DEFAULT_PORT.sub("", address[:path_start].partition("://")[2])
    route = f"#{fragment}" if _ROUTE.match(fragment) else ""
    return f"http://{authority}{address[path_start:]}{route}"


def _is_ip(host: str) -> bool:
    """Of a parsed host: the WHATWG parser leaves no other with a colon or of digits only."""
    return ":" in host or _IPV4.fullmatch(host) is not None


def _kind(host: str) -> AddressKind:
    if _is_ip(host):
        return AddressKind.IP
    return AddressKind.ONION if host.endswith((".onion", ".i2p")) else AddressKind.WEB


def _site(host: str) -> str:
    return host if _is_ip(host) else _SUFFIXES.privatesuffix(host) or host


def _suffix(host: str) -> str:
    """The public suffix, or the last label where the host has none or is one."""
    suffix = _SUFFIXES.publicsuffix(host)
    if suffix and suffix != host:
        return suffix
    _name, dot, last = host.rpartition(".")
    return last if dot else ""
