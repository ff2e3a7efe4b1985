"""Identifiers of accounts and rooms: the host in them is no address, and two of them are never one."""

from itertools import combinations

import pytest

from reports.addresses import find_addresses
from reports.report_text import ReportContent, find_items, read_report

NAMES, HOSTS = ("one", "two_2"), ("example.org", "example.net")
# By grammar: a name of an account or a room, with a host in it that no address may be made of.
AMONG_WORDS = {
    "Matrix user": "@{name}:{host}",
    "Matrix user, port": "@{name}:{host}:8448",
    "Matrix room": "#{name}:{host}",
    "Matrix room by its number": "!{name}:{host}",
    "Matrix event": "${name}:{host}",
    "Matrix group": "+{name}:{host}",
    "name and server": "{name}:{host}",
    "Mastodon": "@{name}@{host}",
    "XMPP": "{name}@{host}",
    "XMPP room": "{name}@rooms.{host}/nick",
    "Bluesky": "@{name}.{host}",
    "hashtag": "#{name}.{host}",
    "two Matrix users": "@{name}:{host}/@other:{host}",
    "Matrix event in a room": "#{name}:{host}/$event:{host}",
    "two names and servers": "{name}:{host}/@other:{host}",
    "Matrix user, disarmed": "@{name}[:]{host}",
    "AT URI by number": "at://did:plc:{name}/app.bsky.{host}/xyz",
    "AT URI by host": "at://did:web:{host}/app.bsky.feed.post/{name}",
}
# Names that look like hosts, behind a word that says that they are names.
NAMED = ["username: {}", "user name {}", "His username is {}", "nombre de usuario: {}", "nom d’utilisateur : {}"]
NAMED += ["nome de usuário: {}", "jina la mtumiaji: {}", "اسم المستخدم: {}", "उपयोगकर्ता नाम: {}", "صارف نام: {}"]
# By grammar: a link of an app, kept whole.
LINKS = {
    "Matrix link to a user": "matrix:u/{name}:{host}",
    "Matrix link to a room": "matrix:r/{name}:{host}",
    "XMPP link": "xmpp:{name}@{host}?join",
    "AT URI of a handle": "at://{name}.{host}/app.bsky.feed.post/xyz",
    "SimpleX link": "simplex:/contact#/?v=2&smp=smp%3A%2F%2Fkey%40{host}%2F{name}",
}
SENTENCES = ("{}", "It is {}.", "see ({}) and write", "{}, and others", "اسم المستخدم {}")


@pytest.mark.parametrize("grammar", AMONG_WORDS)
@pytest.mark.parametrize("sentence", SENTENCES)
def test_host_in_an_identifier_is_no_address(grammar: str, sentence: str) -> None:
    for name in NAMES:
        for host in HOSTS:
            typed = AMONG_WORDS[grammar].format(name=name, host=host)
            assert find_addresses(sentence.format(typed)) == []
            assert find_addresses(sentence.format(typed.replace(".", "[.]"))) == []


@pytest.mark.parametrize("words", NAMED)
def test_name_that_looks_like_a_host_is_none(words: str) -> None:
    for name in ("name.me", "one_2.co", "name[.]me", "“name.me”"):
        text = words.format(name)
        assert find_addresses(f"{text}\n{text} and more") == []
        assert read_report({"addresses": text}).content is ReportContent.ACCOUNT
    # A path makes it an address.
    assert [address.host for address in find_addresses(words.format("name.me/one"))] == ["name.me"]


@pytest.mark.parametrize("before", ["id:", "id=", "-", "•", "→", "👉", "see：", "."])
@pytest.mark.parametrize("sign", "@#")
def test_sign_right_behind_other_characters_begins_an_identifier_too(before: str, sign: str) -> None:
    assert find_addresses(f"{before}{sign}one:example.org") == []


@pytest.mark.parametrize(
    "text", ["did:web:example.org", "see user:one:example.org.", "Is it one:example.org?", "a:b:c:d:example.org:8448"]
)
def test_host_behind_several_names_with_colons_is_no_address(text: str) -> None:
    assert find_addresses(text) == []


@pytest.mark.parametrize("name", ["name.one, Name of Two", "name.one two", ", ".join(f"n{i}.me" for i in range(21))])
@pytest.mark.parametrize("platform", ["Snapchat", "Telegram and Snapchat"])
def test_name_in_the_field_of_a_known_app_is_no_host(platform: str, name: str) -> None:
    items = find_items({"platform": platform, "account": name})
    assert (items.spellings, items.accounts, items.mentions_account) == ([], [], True)


def test_link_in_the_field_of_a_known_app_is_an_address() -> None:
    assert find_items({"platform": "Telegram", "account": "t.me/one"}).address_keys == ["http://t.me/one"]


@pytest.mark.parametrize("grammar", [*LINKS, *AMONG_WORDS])
def test_two_names_on_a_host_and_a_name_on_two_hosts_differ(grammar: str) -> None:
    texts = [({**LINKS, **AMONG_WORDS}[grammar]).format(name=name, host=host) for name in NAMES for host in HOSTS]
    keys = [{address.key for address in find_addresses(text)} for text in texts]
    assert all(len(key) == (grammar in LINKS) for key in keys)
    assert all(not one & other for one, other in combinations(keys, 2))
    assert all(address.host == "" for text in texts for address in find_addresses(text))


@pytest.mark.parametrize("grammar", sorted(AMONG_WORDS.keys() - {"XMPP", "XMPP room"}))
@pytest.mark.parametrize("sentence", SENTENCES)
def test_identifier_is_an_account(grammar: str, sentence: str) -> None:
    """But what is written like an e-mail address, which may be the reporter's own."""
    text = sentence.format(AMONG_WORDS[grammar].format(name="one", host="example.org"))
    assert read_report({"addresses": text}).content is ReportContent.ACCOUNT


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("text", ["did:plc:one", "did:plc:" + "a" * 24, "did:key:one", "at://did:web:example.org"])
def test_account_by_its_number_is_said_to_be_one(text: str, sentence: str) -> None:
    assert read_report({"addresses": sentence.format(text)}).content is ReportContent.ACCOUNT


@pytest.mark.parametrize(
    "text",
    [
        "example.org",
        "Link:example.org",
        "link:url:example.org",
        "URL:example.org/",
        "see:example.org.",
        "enlace:example.org",
        "رابط:example.org",
        "链接：example.org",
        "1:example.org",
        "gallery:www.example.org/",
        "gallery:example.org/1",
        "one, example.org",
        "(example.org)",
        "user one on example.org",
        "username one example.org",
        "username: one, site: example.org",
        "username: https://example.org/",
        "username: www.example.org",
        "link://example.org:one/two",
        "@one: example.org",
        "#1 example.org",
        "look!example.org",
        "example.org:8080",
        "@one:example.net and example.org",
        "@one:example.net,https://example.org/a",
    ],
)
def test_address_beside_words_is_found(text: str) -> None:
    assert [address.host.removeprefix("www.") for address in find_addresses(text)] == ["example.org"]
