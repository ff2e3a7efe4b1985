"""Finds parts of an address that may identify the reporter or the person it was sent to. A person decides what to cut.

Pure text. A false alarm costs a click and delays a notice, so ordinary names of content pass:

* numbers of any length, words joined by hyphens, and file names (hashes, names that cameras give);
* in a path, and in parameters that name content (`id`, `v`, `file`...): hashes (MD5, SHA-1, SHA-2) and UUIDs. Only what
  is longer than file hosts' usual ids and mixes letters and digits at random is flagged there, as it may be such an id
  or a canary; elsewhere in a query all random values are flagged;
* `s`: the program it was shared with, and elsewhere the search words, unless its value is random;
* profiles (`/@name`, `/user/name`): they say where it is, not who saw it. An e-mail address in a path is flagged;
* fragments, but for parameters and e-mail addresses in them: no server sees them, and file hosts keep keys there.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import unquote

from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.addresses.harmless import PERSONAL_PARAMETERS

# Names of parameters whose value may identify a person, in lower case; and paths of invitations.
SESSIONS = {"asp.net_sessionid", "cfid", "cftoken", "jsessionid", "phpsessid", "sess", "sessid", "session", "sessionid"}
SESSIONS |= {"session_id", "sid", "sso"}
SECRETS = {"access_token", "accesstoken", "api_key", "apikey", "auth", "auth_token", "authtoken", "id_token", "jwt"}
SECRETS |= {"oauth_token", "otp", "pass", "password", "pwd", "refresh_token", "secret", "sig", "sign", "signature"}
SECRETS |= {"token", "x-amz-credential", "x-amz-security-token", "x-amz-signature"}
ACCOUNTS = {"account", "account_id", "authuser", "e-mail", "email", "login", "mail", "member", "phone", "recipient"}
ACCOUNTS |= {"tel", "uid", "user", "user_id", "userid", "username"}
INVITATIONS = {"code", "inv", "invitation", "invitation_code", "invite", "invite_code", "invitecode", "ref", "ref_code"}
INVITATIONS |= {"refcode", "referral", "referral_code"}
SHARERS = {"sec_user_id", "sender_device", "sender_web_id", "share_author_id", "share_id", "share_link_id"}
SHARERS |= {"share_token", "sharer", "si", "u_code", *PERSONAL_PARAMETERS}
INVITING = ("chat.whatsapp.com/", "discord.gg/", "t.me/+")


class TokenKind(models.TextChoices):
    """Kinds of parts of an address that may identify the reporter or the person it was sent to."""

    SHARE = "share", _("id of the person who shared it")
    SESSION = "session", _("session or sign-in")
    EMAIL = "email", _("e-mail address or user name")
    INVITATION = "invitation", _("invitation")
    LONG = "long", _("long and random: may be made for one person")


PARTS = re.compile(
    r"(?P<lead>[A-Za-z][A-Za-z0-9+.-]*:(?://)?|)(?P<authority>[^/?#]*)(?P<path>[^?#]*)"
    r"\??(?P<query>[^#]*)#?(?P<fragment>.*)",
    re.DOTALL,
)
# Not the sign for a picture's resolution, as in "name@2x.png".
_EMAIL = re.compile(r"[\w.+-]{1,64}@(?!\dx\.)[\w-]{1,63}\.\w")
# A JSON Web Token, read backwards: it begins at a full stop, which is rarer in a hostile text than "eyJ" can be.
_TWJ = re.compile(r"\.[\w-]{8,}Jye\.[\w-]{8,}Jye")
_INVITING_SEGMENTS = frozenset({"join", "joinchat", "invite", "invites", "invitation"})
_JOINING = re.compile(r"\+[\w-]{8,}")
_FILE = re.compile(r".+\.[A-Za-z][A-Za-z0-9]{1,4}")
_HASH = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_RUN = re.compile(r"[A-Za-z0-9_-]+")
_HYPHEN = re.compile(r"[-_]")
# Characters before a parameter in an address, in a route, or in the formats of other programs.
_INNER = re.compile(r"[?&#;]")
# Each address inside an address is encoded once more; deeper nesting does not occur in practice.
_MOST_DECODED = 3
# Parameters that choose the content.
_OF_CONTENT = frozenset(
    {
        "album",
        "f",
        "fid",
        "file",
        "file_id",
        "fileid",
        "gallery",
        "hash",
        "id",
        "image",
        "img",
        "list",
        "md5",
        "p",
        "page",
    }
    | {"photo", "pic", "playlist", "post", "q", "sha1", "sha256", "thread", "v", "vid", "video", "video_id"}
)
# File hosts' ids are shorter than the first; ids made for one person are hardly shorter than the second.
LONG_IN_PLACE, LONG_ELSEWHERE = 24, 16
# The share of neighbouring characters that change between small letters and capitals or digits. Random strings have 0.4
# with small letters and digits, 0.6 with all three; words in capitals and numbers after words stay below.
_CHANGES, _CHANGES_OF_THREE = 0.25, 0.42
# The minimum number of letters and digits between random hyphens: chance puts hyphens seldom.
SHORTEST_PIECES = 7

_KINDS = {
    **dict.fromkeys(SESSIONS | SECRETS, TokenKind.SESSION),
    **dict.fromkeys(ACCOUNTS, TokenKind.EMAIL),
    **dict.fromkeys(INVITATIONS, TokenKind.INVITATION),
    **dict.fromkeys(SHARERS, TokenKind.SHARE),
}


@dataclass(frozen=True, slots=True, repr=False)
class Finding:
    """A part of an address that is cut as a whole: a parameter with its name, a path segment, the userinfo."""

    kind: TokenKind
    start: int
    end: int


def find_identifying_parts(address: str) -> list[Finding]:
    """The findings, in order and without overlap."""
    parts = PARTS.match(address)
    if parts is None:
        return []
    return [
        *_in_authority(parts["authority"], parts.start("authority")),
        *_in_path(parts["authority"], parts["path"], parts.start("path")),
        *_in_parameters(parts["query"], parts.start("query"), seen_by_server=True),
        *_in_parameters(parts["fragment"], parts.start("fragment"), seen_by_server=False),
    ]


def token_kinds(findings: list[Finding]) -> list[TokenKind]:
    """Each kind once, in the order of `TokenKind`."""
    return [kind for kind in TokenKind if any(finding.kind == kind for finding in findings)]


def _in_authority(authority: str, at: int) -> Iterator[Finding]:
    userinfo, sign, _host = authority.rpartition("@")
    if userinfo:
        yield Finding(TokenKind.EMAIL, at, at + len(userinfo) + len(sign))


def _in_path(host: str, path: str, at: int) -> Iterator[Finding]:
    before = ""
    for segment in path.split("/"):
        name, *parameters = segment.split(";")
        if kind := _of_segment(host, before, name):
            yield Finding(kind, at, at + len(name))
        inner = at + len(name)
        for parameter in parameters:
            end = inner + 1 + len(parameter)
            if kind := _of_parameter(parameter, seen_by_server=True):
                yield Finding(kind, inner, end)
            inner = end
        before = name.lower()
        at += len(segment) + 1


def _of_segment(host: str, before: str, segment: str) -> TokenKind | None:
    plain = _decode_fully(segment)
    if not plain:
        return None
    if _has_token(plain):
        return TokenKind.SESSION
    if _EMAIL.search(plain):
        return TokenKind.EMAIL
    invited = before in _INVITING_SEGMENTS or _JOINING.fullmatch(plain)
    if invited or (not before and f"{host.lower()}/{plain}".startswith(INVITING)):
        return TokenKind.INVITATION
    is_long = not _FILE.fullmatch(plain) and _is_random(plain, LONG_IN_PLACE) and not _is_name_of_content(plain)
    return TokenKind.LONG if is_long else None


def _has_token(text: str) -> bool:
    return _TWJ.search(text[::-1]) is not None


def _in_parameters(query: str, at: int, *, seen_by_server: bool) -> Iterator[Finding]:
    for parameter in query.split("&"):
        if kind := _of_parameter(parameter, seen_by_server=seen_by_server):
            yield Finding(kind, at, at + len(parameter))
        at += len(parameter) + 1


def _of_parameter(parameter: str, *, seen_by_server: bool) -> TokenKind | None:
    name, _equals, value = parameter.partition("=")
    name, value = _decode_fully(name).lower(), _decode_fully(value)
    # Without a value, the name is all there is to judge.
    text = value or name
    if _has_token(_decode_fully(parameter)):
        return TokenKind.SESSION
    if _EMAIL.search(name) or _EMAIL.search(value):
        return TokenKind.EMAIL
    if kind := _kind_by_name(parameter):
        return kind
    if not seen_by_server:
        return None
    if name in _OF_CONTENT:
        is_long = _is_random(text, LONG_IN_PLACE) and not _is_name_of_content(text)
    else:
        is_long = _is_random(text, LONG_ELSEWHERE) and not _FILE.fullmatch(text)
    return TokenKind.LONG if is_long else None


def _kind_by_name(parameter: str) -> TokenKind | None:
    """The kind by the parameter's name, or by the parameters within it: a redirect's value contains its target."""
    for inner in _INNER.split(_decode_fully(parameter)):
        name, _equals, value = inner.partition("=")
        if value and (kind := _KINDS.get(name.lower())):
            return kind
    return None


def _decode_fully(text: str) -> str:
    for _time in range(_MOST_DECODED):
        if "%" not in text:
            break
        text = unquote(text)
    return text


def _is_name_of_content(text: str) -> bool:
    return _HASH.fullmatch(text) is not None or _UUID.fullmatch(text) is not None


def _is_random(text: str, least: int) -> bool:
    """Whether a run of letters and digits looks random. A UUID does, although it has hyphens."""
    runs = [text.replace("-", "")] if _UUID.fullmatch(text) else _RUN.findall(text)
    return any(_changes_like_chance(run) for run in runs if len(run) >= least)


def _changes_like_chance(run: str) -> bool:
    pieces = [piece for piece in _HYPHEN.split(run) if piece]
    letters = "".join(pieces)
    sorts = {_character_class(character) for character in letters}
    # Words and numbers joined by hyphens change as often, but at the hyphens.
    if "digit" not in sorts or len(letters) < SHORTEST_PIECES * len(pieces):
        return False
    changes = sum(
        _character_class(one) != _character_class(other) for piece in pieces for one, other in pairwise(piece)
    )
    least = _CHANGES_OF_THREE if len(sorts) == 3 else _CHANGES
    return len(sorts) > 1 and changes >= least * (len(letters) - len(pieces))


def _character_class(character: str) -> str:
    if character.isdigit():
        return "digit"
    return "capital" if character.isupper() else "small"
