"""The items of a report: web addresses, and accounts on apps. The answer page and intake agree on them.

Pure functions of one report's text: nothing is looked up, so nothing can depend on whether an address is known.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from reports.addresses import (
    Account,
    Address,
    accounts_of,
    find_accounts,
    find_addresses,
    find_in_words,
    find_spellings,
    mask_addresses,
    mentions_account,
    names_app,
    without_accounts,
)

# Items of one receipt beyond this number become one incident of words: one report must not hold up the rest.
MOST_ITEMS = 100


class SealedTick(TextChoices):
    """Ticks that exist only in the sealed envelope, and are erased with its words.

    Intake reads from them that a report comes first after danger. It stores no reason, nor which of them was set.
    """

    ABOUT_ME = "about_me", _("It is about me")
    GROOMING = "grooming", _("Someone is writing to a child, or wants to meet a child")


class ReportContent(StrEnum):
    """The kinds of content between which the answer to a report differs."""

    ADDRESSES = "addresses"
    # Accounts, or words that mention one.
    ACCOUNT = "account"
    NOTHING = "nothing"


class ReportItems(NamedTuple):
    """`spellings`: each way in which an address is written. `mentions_account`: in words that no grammar knows.
    `text`, and `happened` in free words: all but the accounts."""

    spellings: list[Address]
    accounts: list[Account]
    mentions_account: bool
    text: str
    happened: str

    @property
    def words(self) -> str:
        """The rest, in which there is neither. Parses the text once more."""
        return f"{mask_addresses(self.text)}\n{mask_addresses(self.happened, bare_hosts=False)}"

    @property
    def address_keys(self) -> list[str]:
        return list(dict.fromkeys(address.key for address in self.spellings))


class ReportReading(NamedTuple):
    """The numbers of different web addresses and accounts that become items, and of those `beyond` MOST_ITEMS."""

    content: ReportContent
    addresses: int = 0
    accounts: int = 0
    beyond: int = 0


def join_report_text(payload: Mapping[str, object]) -> str:
    """The text of a report: its addresses; app or platform and account on a line of their own; and what happened."""
    app = [str(payload.get(name, "")).strip() for name in ("platform", "account")]
    lines = (str(payload.get("addresses", "")), ": ".join(filter(None, app)), str(payload.get("happened", "")))
    return "\n".join(filter(None, lines))


def sealed_ticks_in(payload: Mapping[str, object]) -> list[SealedTick]:
    """The sealed ticks of an opened envelope, which anyone may have written."""
    ticks = payload.get("facts", [])
    return [tick for tick in SealedTick if isinstance(ticks, list) and tick.value in ticks]


def find_items(payload: Mapping[str, object]) -> ReportItems:
    """The items of a report. Takes linear time; the form limits the text's length."""
    platform, name, typed, story = (
        str(payload.get(key, "")) for key in ("platform", "account", "addresses", "happened")
    )
    in_fields = accounts_of(platform, name)
    text = without_accounts(typed if in_fields else join_report_text({**payload, "happened": ""}))
    happened = without_accounts(story)
    accounts = {account.key: account for account in [*find_accounts(f"{typed}\n{story}"), *in_fields]}
    in_field = find_addresses(name)
    spellings = find_spellings(text)
    if names_app(platform) and not in_fields:
        # The name of an account may look like a host; beside the name of an app only more than that is an address.
        in_field = [address for address in in_field if not address.is_bare_host]
        spellings = find_spellings("\n".join([without_accounts(typed), *(address.reported for address in in_field)]))
    spellings = list({address.reported: address for address in [*spellings, *find_in_words(happened)]}.values())
    has_name = bool(name.strip()) and not (in_fields or in_field)
    for part, find in ((text, find_addresses), (happened, find_in_words)):
        has_name |= any(mentions_account(line) and not find(line) for line in part.split("\n"))
    return ReportItems(spellings, list(accounts.values()), has_name, text, happened)


def read_report(payload: Mapping[str, object]) -> ReportReading:
    """The counts in the answer to a report: the numbers are those of the items that intake will make of it."""
    items = find_items(payload)
    addresses = len(items.address_keys)
    accounts = len(items.accounts)
    beyond = max(0, addresses + accounts - MOST_ITEMS)
    if addresses:
        kept = min(addresses, MOST_ITEMS)
        return ReportReading(ReportContent.ADDRESSES, kept, min(accounts, MOST_ITEMS - kept), beyond)
    if accounts or items.mentions_account or str(payload.get("platform", "")).strip():
        return ReportReading(ReportContent.ACCOUNT, 0, accounts, beyond)
    return ReportReading(ReportContent.NOTHING)


def find_further_addresses(payload: Mapping[str, object]) -> list[Address]:
    """The addresses that details, an answer or a reason to look again name. As in the words of a report, a bare host is
    none."""
    return find_in_words("\n".join(str(payload.get(name, "")) for name in ("description", "answer", "again")))


def may_exceed_room(payload: Mapping[str, object], items: int) -> bool:
    """Whether details, an answer or a reason to look again may name more than their report has room for. `items`: those
    that it has, without its words, which may be one more; the text may name some of them again."""
    further = {address.key for address in find_further_addresses(payload)}
    return bool(further) and items + len(further) >= MOST_ITEMS
