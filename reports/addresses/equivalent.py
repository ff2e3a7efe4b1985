"""Addresses of apps that open the same thing: the rows of `data/equivalent.toml`. For comparison only."""

import re
import tomllib
from typing import Any

from reports.addresses.harmless import DATA

_TABLES: dict[str, list[dict[str, Any]]] = tomllib.loads((DATA / "equivalent.toml").read_text(encoding="utf-8"))
_HOSTS: dict[str, str] = {other: row["host"] for row in _TABLES["host"] for other in row["others"]}
_FORMS = [(re.compile(row["from"]), str(row["to"])) for row in _TABLES["form"]]
# Scheme, host without user name and port, and the rest.
_WEB = re.compile(r"(?P<scheme>https?://)(?P<host>[^/?#:@]+)(?P<rest>[/?#].*)", re.DOTALL)


def equivalent_of(url: str) -> str:
    """The address that this one is compared as; itself where no row knows it. An app link may become one."""
    web = _WEB.fullmatch(url)
    scheme, place = (web["scheme"], _HOSTS.get(web["host"], web["host"]) + web["rest"]) if web else ("https://", url)
    for pattern, form in _FORMS:
        if match := pattern.fullmatch(place):
            parts = {group: text.lower() if group == "name" else text for group, text in match.groupdict().items()}
            return scheme + form.format(**parts)
    return scheme + place if web else url
