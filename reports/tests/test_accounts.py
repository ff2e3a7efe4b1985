"""Accounts: a key where an app names one person, and words, whole, wherever it might not."""

import pytest

from reports.addresses import find_addresses
from reports.addresses.accounts import account_keys, accounts_of, find_accounts

# (app, name): typed in the two fields, all of one account.
SAME = [
    [("Snapchat", "name.one"), ("snapchat", " @name.one "), ("Snap", "name.one"), ("on Snapchat", "name.one")],
    [("Telegram", "@Name_One"), ("telegram", "name_one"), ("تلگرام", "\u2066name_one\u2069")],
    [("WhatsApp", "+501 600-1234"), ("whatsapp", "00501 600 1234"), ("Whats App", "+٥٠١٦٠٠١٢٣٤")],
    [("Some game", "Name#1234"), ("some  game", "Name#1234")],
    [("Discord", "name.one"), ("", "discord: name.one"), ("", "name.one on Discord"), ("", "@name.one (Discord)")],
    [("Instagram", "Nämé_1"), ("instagram", "na\u0308me\u0301_1")],
]
DID, OTHER_DID = (f"did:plc:{sign * 24}" for sign in "ab")
SAME += [[("Bluesky", DID), ("", DID), ("", f"at://{DID}"), ("Some app", f" at://{DID}/\u200b")]]
# Two people, or possibly two.
DIFFERENT = [
    (("Snapchat", "name.one"), ("Snapchat", "Name.One")),
    (("Snapchat", "name.one"), ("Telegram", "name.one")),
    (("Snapchat", "name.one"), ("Snapchat", "nаme.one")),
    (("Snapchat", "name😀"), ("Snapchat", "name😃")),
    (("TikTok", "name1"), ("TikTok", "name2")),
    (("WhatsApp", "+501 600 1234"), ("WhatsApp", "+502 600 1234")),
    (("Some game", "name_one"), ("Another game", "name_one")),
    (("Kik", "name_one"), ("Kik", "name-one")),
]
POST = "app.bsky.feed.post"
DIFFERENT += [
    (("", DID), ("", OTHER_DID)),
    (("", DID), ("", f"at://{DID}/{POST}/1")),
    (("", f"at://{DID}/{POST}/3a"), ("", f"at://{DID}/{POST}/3A")),
    (("", "did:web:one.example.org"), ("", "did:web:two.example.org")),
]
# No grammar knows them: words.
WORDS = [
    ("Facebook", "Name of One"),
    ("WhatsApp", "600 1234"),
    ("Telegram and Snapchat", "name.one"),
    ("", "name.one"),
    ("Snapchat", ""),
    ("Snapchat", "name.one, Name of Two"),
    ("Snapchat", "12345678"),
    ("", "did:plc:one"),
    ("", f"{DID}a"),
    ("", f"{DID}/{POST}/1"),
    ("", "did:key:one"),
    ("", "did:web:example"),
]
# Lines of the first field.
LINES = {
    "@one:example.org": "matrix|@one:example.org",
    "@One:Example.ORG": "matrix|@One:example.org",
    "#room:example.org": "matrix|#room:example.org",
    "@one[:]example[.]org": "matrix|@one:example.org",
    "@one：example.org": "matrix|@one:example.org",
    "@one[.]example[.]org": "handle|@one.example.org",
    "@one@example.org": "mastodon|@one@example.org",
    "@one.example.org": "handle|@one.example.org",
    "05" + "0a" * 32: "session|05" + "0a" * 32,
    DID: f"did|{DID}",
    "did:web:one.example.org": "did|did:web:one.example.org",
    f"at://{DID}/{POST}/3k": f"did|{DID}/{POST}/3k",
    "snapchat: one": "snapchat|one",
    "roblox one_1": "roblox|one_1",
}
NO_LINES = [
    "pictures on Snapchat",
    "Snapchat pictures",
    "I saw @one on Telegram and more",
    "one:example.org",
    "one@example.org",
    "https://t.me/one",
    "telegram: a b",
    f"It is {DID}.",
    f"at://{DID}/{POST}/1/2",
    f"at://{DID}?a=1",
    f"at:/{DID}",
]


def keys_of(app: str, name: str) -> list[str]:
    return [account.key for account in accounts_of(app, name)]


@pytest.mark.parametrize("fields", SAME)
def test_same_account_has_one_key(fields: list[tuple[str, str]]) -> None:
    keys = {tuple(keys_of(*typed)) for typed in fields}
    assert len(keys) == 1
    assert len(keys.pop()) == 1


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_accounts_have_two_keys(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert len({*keys_of(*one), *keys_of(*other)}) == 2


@pytest.mark.parametrize("typed", WORDS)
def test_what_no_grammar_knows_stays_words(typed: tuple[str, str]) -> None:
    assert keys_of(*typed) == []


def test_several_accounts_in_one_field() -> None:
    assert keys_of("Snapchat", "one.1, @two.2; one.1") == ["snapchat|one.1", "snapchat|two.2"]


@pytest.mark.parametrize(("line", "key"), LINES.items())
def test_line_that_is_an_account_is_one_and_no_address(line: str, key: str) -> None:
    assert [account.key for account in find_accounts(f"first\n{line}\n{line}")] == [key]
    assert find_addresses(line) == []


@pytest.mark.parametrize("line", NO_LINES)
def test_line_that_says_more_is_none(line: str) -> None:
    assert find_accounts(line) == []


def test_time_is_linear() -> None:
    assert find_accounts("\n".join(["snapchat: " + "a" * 90] * 4000) + "@" * 20_000) != []


def test_name_alone_may_be_an_account_of_each_app() -> None:
    assert account_keys("snapchat: name.one") == ("snapchat|name.one",)
    assert {"snapchat|Name_1", "telegram|name_1"} <= {*account_keys("Name_1")}
    assert account_keys("+501 600-1234")[0].endswith("|+5016001234")
    for typed in ("...", "two words", "12345678", "", "https://example.org/a"):
        assert account_keys(typed) == ()
