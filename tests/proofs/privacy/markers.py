"""Markers that are sent on purpose and must never be found: random texts, one for each identifying item.

Every marker begins and ends with the same random core, so that one search finds all of them, cut off at either end as
well; the text between identifies it. Addresses of visitors share their first three numbers instead.
"""

import secrets
import uuid
from dataclasses import dataclass, field
from functools import cached_property
from random import Random

from reports import receipts

# No vowels: a core is never part of a word. 9 characters of 30 are met by chance once in 2 * 10^13.
LETTERS = "bcdfghjkmnpqrstvwxz"
ALPHABET = LETTERS + "0123456789"
CORE_LENGTH = 9
OWN_LENGTH = 5
PEERS = 24
FIRST_PEER = 101
# The prefix of the names of planted leaks, and the name of the address that only they use.
SEED = "seed: "
SEED_ADDRESS = SEED + "address"


@dataclass
class Markers:
    """`of(thing)` is that thing's marker, made when first asked for; `secrets` are what a server made for one.

    The same `seed` makes the same reporters: two runs of the same kinds send the same. `browser` is the rest of a user
    agent, and `words` surround the markers in what they type.
    """

    seed: int = field(default_factory=lambda: secrets.randbits(64))
    browser: str = "Mozilla/5.0 (X11; {}) Gecko/20100101"
    words: str = "placeholder words {} and more of them"
    named: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str | bytes] = field(default_factory=dict)
    # Whole addresses that were reported, for their digests.
    reported: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.core, self.network = self._random_core("reporters"), self._random_network("reporters", 101)
        # Planted leaks have a core and a network of their own: a cut-off part of one is never mistaken for a leak.
        self.seed_core, self.seed_network = self._random_core(SEED), self._random_network(SEED, 171)

    def random(self, thing: str) -> Random:
        """By the name of the thing: the order in which things are first asked for makes no difference."""
        return Random(f"{self.seed} {thing}")

    def _random_core(self, thing: str) -> str:
        random = self.random(thing)
        return "".join((random.choice(LETTERS), *random.choices(ALPHABET, k=CORE_LENGTH - 1)))

    def _random_network(self, thing: str, least: int) -> tuple[int, int]:
        """Three digits each, so that leading zeros make no second spelling."""
        random = self.random(f"network of {thing}")
        return least + random.randrange(70), 100 + random.randrange(150)

    def of(self, thing: str) -> str:
        if thing not in self.named:
            taken = {marker[CORE_LENGTH:-CORE_LENGTH] for marker in self.named.values()}
            random = self.random(thing)
            drawn = iter(lambda: "".join(random.choices(ALPHABET, k=OWN_LENGTH)), "")
            own = next(own for own in drawn if own not in taken)
            core = self.seed_core if thing.startswith(SEED) else self.core
            self.named[thing] = f"{core}{own}{core}"
        return self.named[thing]

    def peer(self, number: int) -> str:
        """An address of loopback; `number` cycles through PEERS of them."""
        return f"127.{self.network[0]}.{self.network[1]}.{FIRST_PEER + number % PEERS}"

    @property
    def seed_peer(self) -> str:
        return f"127.{self.seed_network[0]}.{self.seed_network[1]}.{FIRST_PEER}"

    def addresses(self) -> dict[str, tuple[int, int, int, int]]:
        """The numbers of each visitor's address, and of the seeds'."""
        visitors = {
            f"address of visitor {number + 1}": (127, *self.network, FIRST_PEER + number) for number in range(PEERS)
        }
        return visitors | {SEED_ADDRESS: (127, *self.seed_network, FIRST_PEER)}

    def remember_receipt(self, which: str, *, code: str, nonce: bytes = b"") -> None:
        """Remember a receipt code in the spelling of the page, and all values derived from it."""
        canonical = receipts.parse_code(code)
        secret = receipts.derive_credentials(canonical)
        self.secrets[f"receipt code of {which}"] = receipts.format_code(canonical)
        self.secrets[f"receipt code of {which}, plain"] = canonical
        self.secrets[f"digest key of {which}"] = secret.digest_key
        self.secrets[f"mailbox of {which}"] = secret.mailbox.raw
        if nonce:
            self.secrets[f"nonce of {which}"] = nonce
            self.secrets[f"nonce of {which}, hexadecimal"] = nonce.hex()

    @cached_property
    def identity(self) -> dict[str, str]:
        """Every request header that may identify a visitor, each with a marker; sent with every request."""
        of = self.of
        return {
            "User-Agent": self.browser.format(of("user agent")),
            "Accept": f"text/html,application/{of('accepted types')};q=0.9,*/*;q=0.8",
            "Accept-Language": f"en-{of('language')[:8]},{of('language')};q=0.5",
            "Accept-Encoding": f"gzip, {of('accepted encoding')}",
            "Accept-Charset": f"utf-8, {of('accepted charset')}",
            "Referer": f"https://{of('referrer')}.example.org/from?{of('referrer')}=1",
            "Cookie": f"session={of('cookie')}; csrf={of('cookie of a form')}; id={of('cookie of a tracker')}",
            "Authorization": f"Bearer {of('authorization')}",
            "Proxy-Authorization": f"Basic {of('proxy authorization')}",
            "From": f"{of('mail address')}@example.org",
            "Via": f"1.1 {of('proxy')}.example.org",
            "Forwarded": f'for="{self.peer(0)}:4711";host={of("forwarded")};proto=https',
            "X-Forwarded-For": f"{self.peer(1)}, 2001:db8::1, {of('forwarded for')}",
            "X-Forwarded-Host": f"{of('forwarded host')}.example.org",
            "X-Forwarded-User": of("forwarded user"),
            "X-Real-IP": self.peer(2),
            "X-Client-IP": self.peer(3),
            "True-Client-IP": self.peer(4),
            "CF-Connecting-IP": self.peer(5),
            "X-Cluster-Client-IP": of("cluster client"),
            "X-Request-ID": of("request id"),
            "X-Correlation-ID": of("correlation id"),
            "Traceparent": f"00-{of('trace')}-01",
            "X-Device-ID": of("device"),
            "X-Session-Token": of("session token"),
            "X-CSRFToken": of("csrf header"),
            "X-Wap-Profile": f"http://{of('telephone')}.example.org/profile.xml",
            "X-MSISDN": of("telephone number"),
            "X-Geo-Position": of("position"),
            "DNT": f"1;{of('do not track')}",
            "Sec-GPC": f"1;{of('global privacy control')}",
            "Sec-CH-UA": f'"{of("client hint")}";v="99"',
            "Sec-CH-UA-Platform": f'"{of("client hint, platform")}"',
            "Sec-CH-UA-Model": f'"{of("client hint, model")}"',
            "Sec-Fetch-Site": of("fetch site"),
            "Sec-Fetch-User": of("fetch user"),
            "Origin": f"https://{of('origin')}.example.org",
            "If-None-Match": f'"{of("entity tag")}"',
            "If-Modified-Since": of("modified since"),
            "Last-Event-ID": of("last event"),
            "Save-Data": of("save data"),
            f"X-{of('odd header name')}": of("odd header"),
        }

    def typed(self, what: str) -> str:
        """Harmless words around the marker of what a reporter types."""
        return self.words.format(self.of(what))

    def address(self, what: str = "reported address") -> str:
        mark, reported = self.of(what), self.reported.setdefault(what, set())
        # Another each time.
        number = uuid.UUID(int=self.random(f"{what} {len(reported)}").getrandbits(128), version=4)
        address = f"https://{mark}.example.org/{mark}/page?{mark}={number}#{mark}"
        reported.update((address, address.partition("#")[0]))
        return address
