"""Accounts on apps, where a report names one plainly: the app and the name, without an address.

An account has a key and is no address: it has no host and is never on the URL list. Text that no grammar here knows
stays words, whole: a name with blanks is one that many people share, and so is a telephone number without its country.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from typing import Any

from reports.addresses.apps import NAMES
from reports.addresses.finding import find_addresses
from reports.addresses.harmless import DATA
from reports.addresses.identifiers import is_identifier
from reports.addresses.spelling import COLONS, DOTS, readable_text

_ROWS: list[dict[str, Any]] = tomllib.loads((DATA / "apps.toml").read_text(encoding="utf-8"))["account"]
_ROW_OF_NAME = {name: row for row in _ROWS for name in row["names"]}
_NAMES = NAMES | _ROW_OF_NAME.keys()
_ANY_APP = "|".join(sorted(map(re.escape, _NAMES), key=len, reverse=True))
_APP = re.compile(rf"(?<!\w)(?:{_ANY_APP})(?!\w)")
# "Snapchat: name"; and with a name that no word of prose looks like, "snapchat name_1" and "name_1 on Snapchat".
_NAME = r"[^\s,;:/()\"'“”]{2,100}"
_CLEAR_NAME = rf"(?:@{_NAME}|(?=\S*[\d_.]){_NAME}|\+[\d ().-]{{7,24}})"
_ON = "auf|em|en|kwenye|no|on|sur|على|पर|پر"
_LINES = [
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?P<app>{_ANY_APP}) ?[:=] ?[\"'“]?(?P<name>{_NAME}|\+[\d ().-]{{7,24}})[\"'”]?",
        rf"(?P<app>{_ANY_APP}) (?P<name>{_CLEAR_NAME})",
        rf"(?P<name>{_CLEAR_NAME}) (?:{_ON}) (?P<app>{_ANY_APP})",
        rf"(?P<name>{_NAME}) \((?P<app>{_ANY_APP})\)",
    )
]
# Several names in one field.
_SEPARATORS = re.compile(r"[,;\n]")
_NUMBER = re.compile(r"(?:\+|00)[\d ().-]{7,24}")
# A name as apps have them: no blank, and something in it that is written or shown.
_TOKEN = re.compile(r"[^\s/\\]{2,100}")
_MASTODON = re.compile(r"@[\w.-]{1,64}@(?:[\w-]{1,63}\.)+[\w-]{2,63}")
_SESSION = re.compile(r"05[0-9a-fA-F]{64}")
# An account of the AT Protocol (Bluesky) by its DID, of the two kinds in https://atproto.com/specs/did, or a link to it
# or to one of its records. All is in small letters but the path, which is compared exactly.
_DID = re.compile(
    r"(?P<link>at://)?(?P<did>did:(?:plc:[a-z2-7]{24}|web:(?:[a-z0-9-]{1,63}\.)+[a-z]{2,63}))"
    r"(?(link)(?P<path>(?:/[\w.:~-]{1,512}){0,2})/?)"
)
MOST_ACCOUNTS = 20


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """reported: as typed. key: what fingerprints are made of; equal only where the app reads both names alike."""

    reported: str
    key: str


def find_accounts(text: str) -> list[Account]:
    """The accounts of a text: each line that is nothing but one, once. Linear in the text, and never raises."""
    accounts: dict[str, Account] = {}
    for line in text.split("\n"):
        if account := _read_line(line):
            accounts.setdefault(account.key, account)
    return list(accounts.values())[:MOST_ACCOUNTS]


def accounts_of(platform: str, names: str) -> list[Account]:
    """The accounts that the two fields of the form name, several if they are parted by commas. Empty where one of them
    has no key: then all of it stays words."""
    app = _app_of(platform)
    pieces = [piece for piece in _SEPARATORS.split(names) if piece.strip()]
    if app and app not in _NAMES and find_addresses(names):
        return []  # in no app that has names like hosts, a host is an address
    accounts = [_account(app, piece) if app else _read_line(piece) for piece in pieces[: MOST_ACCOUNTS + 1]]
    if len(pieces) > MOST_ACCOUNTS or None in accounts:
        return []
    return list({account.key: account for account in accounts if account}.values())


def _read_line(line: str) -> Account | None:
    typed = _plain(line)
    if len(typed) > 300:
        return None
    if match := next(filter(None, (form.fullmatch(typed) for form in _LINES)), None):
        return _account(_app_of(match["app"]), match["name"], reported=line)
    if _MASTODON.fullmatch(typed):
        name, host = typed.rsplit("@", 1)
        return Account(line.strip(), f"mastodon|{name}@{host.lower()}")
    if did := _DID.fullmatch(typed):
        return _account_of_did(did, reported=line)
    if _SESSION.fullmatch(typed):
        return Account(line.strip(), f"session|{typed.lower()}")
    if is_identifier(typed):
        name, _colon, host = DOTS.sub(".", COLONS.sub(":", readable_text(typed).folded)).partition(":")
        return Account(line.strip(), f"matrix|{name}:{host.lower()}" if host else f"handle|{name.lower()}")
    return None


def _app_of(typed: str) -> str:
    """The code of the app that a text names, or its own words where no row knows it; "" where it names several."""
    words = " ".join(_plain(typed).casefold().split())
    names = {_ROW_OF_NAME[name]["app"] if name in _ROW_OF_NAME else name for name in _APP.findall(words)}
    if len(names) > 1:
        return ""
    return names.pop() if names else words


def account_keys(typed: str) -> tuple[str, ...]:
    """The keys of the accounts that a line may mean: of the one that it names, else of each app with such a name."""
    if accounts := find_accounts(typed) or accounts_of("", typed):
        return tuple(account.key for account in accounts)
    of_apps = (_account(row["app"], typed) for row in _ROWS if any(map(str.isalnum, typed)))
    return tuple(account.key for account in of_apps if account)


def names_app(typed: str) -> bool:
    """Whether a text names an app, or several, that a row knows."""
    return _APP.search(" ".join(_plain(typed).casefold().split())) is not None


def _account(app: str, typed: str, *, reported: str = "") -> Account | None:
    row: dict[str, Any] = next((row for row in _ROWS if row["app"] == app), {"sign": "@", "folds": False})
    name, reported = _plain(typed), (reported or typed).strip()
    if _NUMBER.fullmatch(name):
        # Digits of any script: a number is typed as the page's language writes it.
        digits = "".join(str(unicodedata.digit(sign)) for sign in name if sign.isdigit()).removeprefix("00")
        return Account(reported, f"{app}|+{digits}")
    if did := _DID.fullmatch(name):
        return _account_of_did(did, reported=reported)
    name = name.removeprefix(row["sign"])
    if not app or not _TOKEN.fullmatch(name) or name.isdigit() or name.lower().startswith("www."):
        return None
    return Account(reported, f"{app}|{name.casefold() if row['folds'] else name}")


def _account_of_did(did: re.Match[str], *, reported: str) -> Account:
    """The same in each app, and other than each post of it."""
    return Account(reported.strip(), f"did|{did['did']}{did['path'] or ''}")


def _plain(typed: str) -> str:
    """Without marks of direction and other invisible characters, which copying adds, in one Unicode form."""
    return unicodedata.normalize("NFC", readable_text(typed).typed).strip()


def without_accounts(text: str) -> str:
    """The lines of a text that are more than an account."""
    return "\n".join(line for line in text.split("\n") if _read_line(line) is None)
