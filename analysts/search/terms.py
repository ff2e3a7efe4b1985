"""The meanings of a typed search: an incident number, a notice reference, an address with its host, an account, a
recipient."""

import re
from dataclasses import dataclass

from reports.addresses import Address, account_keys, find_addresses, without_accounts
from reports.receipts import ALPHABET

LONGEST_NAME = 120
MOST_WORDS = 8
# The eighth character is easily lost when a number is copied.
_NUMBER = re.compile(r"#?([0-9a-f]{7,8}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})")
_REFERENCE = re.compile(rf"RP[-\s]?([{ALPHABET}]{{4}})[-\s]?([{ALPHABET}]{{4}})")
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_BEYOND_HOST = re.compile(r"[\s/]")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, repr=False)
class SearchTerms:
    """`typed` as one readable line. The others are empty where the text cannot be such a thing.

    accounts: the keys of the accounts that the text may mean: one where it names the app, else one for each known app.
    """

    typed: str
    number: str = ""
    reference: str = ""
    address: Address | None = None
    accounts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    has_more_addresses: bool = False

    @property
    def is_host(self) -> bool:
        """Whether a host alone was typed, so that its incidents are meant, and not that of its first page."""
        return self.address is not None and not _BEYOND_HOST.search(self.typed)

    @property
    def site(self) -> str:
        """The registrable domain, if that alone was typed: then any host of it is meant."""
        return self.address.host if self.address and self.is_host and self.address.site == self.address.host else ""

    @property
    def kinds(self) -> list[str]:
        """The codes of what is looked up, for the audit log."""
        looked_up = {
            "number": self.number,
            "reference": self.reference,
            "address": self.address,
            "account": self.accounts,
            "recipient": self.words,
        }
        return [kind for kind, value in looked_up.items() if value]

    @property
    def canonical(self) -> str:
        """Equal for two texts that look up the same."""
        return self.address.key if self.address else self.number or self.reference or self.typed.casefold()


def read_terms(text: str) -> SearchTerms:
    """Read a typed text. The time is linear in its length."""
    typed = " ".join(text.split())
    if number := _NUMBER.fullmatch(typed.lower()):
        accounts = account_keys(typed)
        return SearchTerms(typed, number=number[1].replace("-", ""), accounts=accounts, words=_words_of(typed))
    if reference := _REFERENCE.fullmatch(typed.upper()):
        return SearchTerms(typed, reference=f"RP-{reference[1]}-{reference[2]}")
    # A bare host under a domain that does not exist publicly is found with a scheme only.
    addresses = find_addresses(without_accounts(typed))
    addresses = addresses or (find_addresses(f"http://{typed}/") if _HOST.fullmatch(typed) else [])
    address = addresses[0] if addresses else None
    is_name = address is None or _HOST.fullmatch(typed)
    return SearchTerms(
        typed,
        address=address,
        accounts=account_keys(typed),
        words=_words_of(typed) if is_name and len(typed) <= LONGEST_NAME else (),
        has_more_addresses=len(addresses) > 1,
    )


def _words_of(typed: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(typed.casefold())[:MOST_WORDS])
