"""The findings in a report: web addresses, or the app and account. Intake and the answer page agree on them.

Pure functions of one report's text: nothing is looked up, so nothing can depend on whether an address is known.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from reports.addresses import find_addresses, mentions_account


class ReportContent(StrEnum):
    """The kinds of content between which the answer to a report differs."""

    ADDRESSES = "addresses"
    ACCOUNT = "account"
    NOTHING = "nothing"


class ReportReading(NamedTuple):
    """`addresses`: the number of different web addresses."""

    content: ReportContent
    addresses: int


def join_report_text(payload: Mapping[str, object]) -> str:
    """The text of a report: its addresses, then app or platform and account on a line of their own."""
    app = [str(payload.get(name, "")).strip() for name in ("platform", "account")]
    line = ": ".join(filter(None, app))
    return "\n".join(filter(None, (str(payload.get("addresses", "")), line)))


def read_report(payload: Mapping[str, object]) -> ReportReading:
    """The findings in a report. Takes linear time; the form limits the text's length."""
    text = join_report_text(payload)
    if addresses := len(find_addresses(text)):
        return ReportReading(ReportContent.ADDRESSES, addresses)
    has_account = payload.get("platform") or payload.get("account") or any(map(mentions_account, text.split("\n")))
    return ReportReading(ReportContent.ACCOUNT if has_account else ReportContent.NOTHING, 0)


def names_account(payload: Mapping[str, object]) -> bool:
    """Whether a report names an account on an app, without an address: this is assessed separately, as words."""
    account = str(payload.get("account", ""))
    if account.strip() and not find_addresses(account):
        return True
    lines = str(payload.get("addresses", "")).split("\n")
    return any(mentions_account(line) and not find_addresses(line) for line in lines)
