import re
import socket
from urllib.parse import quote

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from reports.addresses import (
    HIDDEN,
    TRACKING_PARAMETERS,
    Address,
    AddressKind,
    defang_address,
    find_addresses,
    harmless,
    mask_all_but_suffix,
)

ONION = "a" * 16 + ".onion"
ONION_3 = "b" * 56 + ".onion"


def normalised(text: str) -> list[str]:
    return [address.normalised for address in find_addresses(text)]


def keys(text: str) -> list[str]:
    return [address.key for address in find_addresses(text)]


def only(text: str) -> Address:
    (address,) = find_addresses(text)
    return address


# A typed text, and every address in it.
FOUND = [
    # With and without a scheme
    ("http://example.com/a", ["http://example.com/a"]),
    ("https://example.com", ["https://example.com/"]),
    ("HTTPS://EXAMPLE.COM/A%20b", ["https://example.com/A%20b"]),
    ("example.com", ["http://example.com/"]),
    ("www.example.co.uk/a/b.html?c=d", ["http://www.example.co.uk/a/b.html?c=d"]),
    ("example.com?a=b", ["http://example.com/?a=b"]),
    ("//example.com/a", ["http://example.com/a"]),
    ("http://words.invalid:8080/a", ["http://words.invalid:8080/a"]),
    ("words.test:8080", ["http://words.test:8080/"]),
    ("http://intranet/a", ["http://intranet/a"]),
    ("http://example.com:99999/a", ["http://example.com/a"]),
    ("http://example.com:000000080/a", ["http://example.com/a"]),
    ("example.com:123456789/a?b", ["http://example.com/a?b"]),
    ("http://example.com:port/a", ["http://example.com/a"]),
    ("http:ana:word@www.example.com/a", ["http://ana:word@www.example.com/a"]),
    ("http:ana@www.example.com", ["http://ana@www.example.com/"]),
    ("http://example.com./a", ["http://example.com/a"]),
    ("http://ana:word@example.com/a", ["http://ana:word@example.com/a"]),
    ("http://example.com/x/.b/../c/./d", ["http://example.com/x/c/d"]),
    ("http://example.com%2E/a", ["http://example.com/a"]),
    ("http:/example.com", ["http://example.com/"]),
    ("http:example.com/a", ["http://example.com/a"]),
    ("http//example.com/a", ["http://example.com/a"]),
    ("http:// example.com/a", ["http://example.com/a"]),
    ("http://https://example.com/a", ["https://example.com/a"]),
    ("http://http//example.com/a", ["http://example.com/a"]),
    ("blob:https://example.com/a", ["https://example.com/a"]),
    # Disarmed or mistyped
    ("hxxp://example[.]com/a", ["http://example.com/a"]),
    ("hXXps[:]//example(.)com", ["https://example.com/"]),
    ("hxxp[://]example{.}com/a", ["http://example.com/a"]),
    ("h**p://example.com/a", ["http://example.com/a"]),
    ("ttps://example.com/a", ["https://example.com/a"]),
    ("htp://example.com/a", ["http://example.com/a"]),
    ("http:\\\\example.com\\a", ["http://example.com/a"]),
    ("example[dot]com/a", ["http://example.com/a"]),
    ("words (dot) example (dot) org/a", ["http://words.example.org/a"]),
    ("example [.] com", ["http://example.com/"]),
    ("example[.]com[:]8080/a", ["http://example.com:8080/a"]),
    ("192[.]0[.]2[.]7/a", ["http://192.0.2.7/a"]),
    ("https://example.com/index[.]html", ["https://example.com/index.html"]),
    ("http[s]://example.com/a", ["http://example.com/a"]),
    # In prose
    ("I saw it at http://example.com/a. Then I left.", ["http://example.com/a"]),
    ("Is it example.com?", ["http://example.com/"]),
    ("(see http://example.com/a_(b)).", ["http://example.com/a_(b)"]),
    ("(http://example.com/a),next", ["http://example.com/a"]),
    ("“http://example.com/a”", ["http://example.com/a"]),
    ("«example.com/a»", ["http://example.com/a"]),
    ("'http://example.com/a','http://example.com/b'", ["http://example.com/a", "http://example.com/b"]),
    ("‘http://example.com/a’", ["http://example.com/a"]),
    ("<http://example.com/a>", ["http://example.com/a"]),
    ('<a href="http://example.com/a">example.com/a</a>', ["http://example.com/a"]),
    ("رأيته هنا: http://example.com/a، ثم خرجت", ["http://example.com/a"]),
    ("کیا یہ example.com/a؟ ہاں۔", ["http://example.com/a"]),
    ("یہ http://example.com/a۔پھر", ["http://example.com/a"]),
    ("وexample.com/a", ["http://example.com/a"]),
    ("请看http://example.com/a，谢谢", ["http://example.com/a"]),
    ("看example.com吧", ["http://example.com/"]),
    ("看http://example.com。谢谢", ["http://example.com/"]),
    # Alone on a line: one address, whichever way its end is read.
    ("http://example.com。谢谢", ["http://example.com/"]),
    ("http://example.com/a.", ["http://example.com/a"]),
    ("http://example.com/a!", ["http://example.com/a%21"]),
    (" http://example.com/a),\nhttp://example.com/b", ["http://example.com/a", "http://example.com/b"]),
    ("http://example.com/long-\npage.html", ["http://example.com/long-page.html"]),
    ("http://example.com/a…", ["http://example.com/a"]),
    ("http://example.com/my pictures/a b.jpg", ["http://example.com/my%20pictures/a%20b.jpg"]),
    ("http://example.com/a and b.jpg, they say", ["http://example.com/a"]),
    ("http://example.com/long-\nname/of?a=b", ["http://example.com/long-name/of?a=b"]),
    ("http://example.com/a?b=1&\r\nc=2", ["http://example.com/a?b=1&c=2"]),
    ("http://example.com/a\nthanks", ["http://example.com/a"]),
    ("http://example.com/a-\nexample.org/b", ["http://example.com/a-", "http://example.org/b"]),
    ("http://example.com/a?b=1&amp;c=2", ["http://example.com/a?b=1&c=2"]),
    ("see http://example.com/a?b=1&amp;c=2 there", ["http://example.com/a?b=1&c=2"]),
    ("http://example.com/a?b=1&amp;", ["http://example.com/a?b=1&amp"]),
    ("http://stra\u1e9ee.example/\u1e9e", ["http://xn--strae-oqa.example/%E1%BA%9E"]),
    ("• example.com/a\n•example.org", ["http://example.com/a", "http://example.org/"]),
    ("example.com²", ["http://example.com/"]),
    ("hello.It was bad", ["http://hello.it/"]),
    ("I saw http://example.com.Please help", ["http://example.com/"]),
    ("example.com-then", ["http://example.com/"]),
    ("pp: example.com", ["http://example.com/"]),
    # Markdown
    ("[words](http://example.com/a) more", ["http://example.com/a"]),
    ("[http://example.com/a](http://example.org/b)", ["http://example.com/a", "http://example.org/b"]),
    ("**http://example.com/a**", ["http://example.com/a"]),
    ("_example.com/a_", ["http://example.com/a"]),
    # Several
    ("http://example.com/a\nhttp://example.com/b", ["http://example.com/a", "http://example.com/b"]),
    ("example.com, example.org;example.net", ["http://example.com/", "http://example.org/", "http://example.net/"]),
    ("http://example.com/a,http://example.org/b", ["http://example.com/a", "http://example.org/b"]),
    ("example.com/a,example.org/b", ["http://example.com/a", "http://example.org/b"]),
    ("http://example.com/ahttp://example.org/b", ["http://example.com/a", "http://example.org/b"]),
    ("http://example.comhttp://example.org", ["http://example.com/", "http://example.org/"]),
    ("1.http://example.com/a 2)example.org", ["http://example.com/a", "http://example.org/"]),
    ("http://example.com/a https://EXAMPLE.com:443/a#top", ["http://example.com/a"]),
    ("http://example.com/?u=http://example.org/b", ["http://example.com/?u=http://example.org/b"]),
    ("http://example.com/a,b;c|d", ["http://example.com/a,b;c|d"]),
    # Hidden services and IP addresses
    (f"http://{ONION_3}/a", [f"http://{ONION_3}/a"]),
    (f"see {ONION}", [f"http://{ONION}/"]),
    ("words.b32.i2p/a", ["http://words.b32.i2p/a"]),
    ("192.0.2.7", ["http://192.0.2.7/"]),
    ("192.0.2.7:8080/a", ["http://192.0.2.7:8080/a"]),
    ("http://3221225991/a", ["http://192.0.2.7/a"]),
    ("http://[2001:db8::1]:8080/a", ["http://[2001:db8::1]:8080/a"]),
    ("[2001:DB8::1]/a", ["http://[2001:db8::1]/a"]),
    # Other scripts, other widths, invisible characters
    ("http://münchen.example/ü", ["http://xn--mnchen-3ya.example/%C3%BC"]),
    ("xn--mnchen-3ya.example", ["http://xn--mnchen-3ya.example/"]),
    ("例え.test/路", ["http://xn--r8jz45g.test/%E8%B7%AF"]),
    ("example.рф", ["http://example.xn--p1ai/"]),
    ("ｈｔｔｐ：／／ｅｘａｍｐｌｅ．ｃｏｍ／Ａ？ｂ＝１", ["http://example.com/A?b=1"]),
    ("example。com／a", ["http://example.com/a"]),
    ("http://example.com？对", ["http://example.com/"]),
    ("http://exam\u200bple.\u00adcom/a\ufeff", ["http://example.com/a"]),
    ("http://example.com/a\u200eb", ["http://example.com/a%E2%80%8Eb"]),
    # Joiners are letters of a name, wherever it is written; where no name may have one it was pasted in.
    ("http://نامه\u200cای.com/x\u200cy", ["http://xn--mgba3gch31f060k.com/x%E2%80%8Cy"]),
    ("این نامه\u200cای.com است", ["http://xn--mgba3gch31f060k.com/"]),
    ("බලන්න http://ශ්\u200dරී.com, එහි", ["http://xn--10cl1a0b660p.com/"]),
    ("see example.com/👩\u200d👧", ["http://example.com/%F0%9F%91%A9%E2%80%8D%F0%9F%91%A7"]),
    ("exam\u200dple.com/a", ["http://example.com/a"]),
    # Apps
    ("tg://resolve?domain=words", ["tg://resolve?domain=words"]),
    ("whatsapp://send?text=words.", ["whatsapp://send?text=words"]),
    ("snssdk1128://user/profile/1", ["snssdk1128://user/profile/1"]),
    ("magnet:?xt=urn:btih:abc&dn=a", ["magnet:?xt=urn:btih:abc&dn=a"]),
    ("intent://example.com/a#Intent;scheme=https;end", ["intent://example.com/a#Intent;scheme=https;end"]),
    ("discord:ana", ["discord:ana"]),
    ("tg:resolve?domain=words", ["tg:resolve?domain=words"]),
    ("whatsapp:send?text=words", ["whatsapp:send?text=words"]),
    ("snapchat:add/words", ["snapchat:add/words"]),
    ("sgnl://signal.group/#words1", ["sgnl://signal.group/#words1"]),
    ("market:details?id=words", ["market:details?id=words"]),
    ("t.me/+words1 and wa.me/1?text=a", ["http://t.me/+words1", "http://wa.me/1?text=a"]),
    ("discord.gg/words1", ["http://discord.gg/words1"]),
    (
        "ed2k://|file|a [b].avi|12|" + "0" * 32 + "|h=AB|/ and",
        ["ed2k://%7Cfile%7Ca%20%5Bb%5D.avi%7C12%7C" + "0" * 32 + "%7Ch=AB%7C/"],
    ),
    ("ed2k://|file|a.avi|12|0123456789ABCDEF|/", ["ed2k://%7Cfile%7Ca.avi%7C12%7C0123456789ABCDEF%7C/"]),
    ("see ed2k://%7Cfile%7Ca.avi%7C12%7C01%7C, then", ["ed2k://%7Cfile%7Ca.avi%7C12%7C01%7C/"]),
    ("ftp://files.example.com/a", ["ftp://files.example.com/a"]),
    ("ftp://files/a", ["ftp://files/a"]),
    ("1.tg://resolve?domain=words", ["tg://resolve?domain=words"]),
    ("seen.tg[:]//resolve?domain=words", ["tg://resolve?domain=words"]),
    # Addresses only if one is written out inside
    ("javascript:window.open('http://example.com/a')", ["http://example.com/a"]),
]

NOT_FOUND = [
    "",
    "A child is in the picture.",
    "ana@example.org",
    "ana.b+c@words.example.org, ben@example.com",
    "ana[at]example[.]org",
    "mailto:ana@example.org?subject=example.com",
    "http:// and then",
    "https:",
    "http://",
    "http://./a",
    "example dot com",
    "example . com",
    "version 1.2.3",
    "1.2.3.4.5",
    "300.1.2.3",
    "e.g. this, i.e. that, at 3 p.m.",
    "index.php",
    "note: this://",
    "localhost",
    "data:text/html,example.com",
    "javascript:alert(example.com)",
    "file:///home/example.com",
    "[12:30] [::]",
    "http://xn--a.example/",
    "see http://example.com:" + "a" * 400 + "@example.org/a there",
    "http://" + "a" * 300 + ".example/",
    "\ud800.example\x00",
]


@pytest.mark.parametrize(("text", "addresses"), FOUND)
def test_find_addresses_finds_every_address(text: str, addresses: list[str]) -> None:
    assert normalised(text) == addresses


@pytest.mark.parametrize("text", NOT_FOUND)
def test_find_addresses_finds_none_where_none_is(text: str) -> None:
    assert normalised(text) == []


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("See (hXXp://example[.]com/a_(b)).", "hXXp://example[.]com/a_(b)"),
        ("\u200bexam\u200bple.com/a\u200b!", "exam\u200bple.com/a"),
        ("at ｅｘａｍｐｌｅ．ｃｏｍ／ａ。", "ｅｘａｍｐｌｅ．ｃｏｍ／ａ"),
        ("words (dot) example (dot) org, then", "words (dot) example (dot) org"),
        ("at http://example.com/a?utm_source=b#c.", "http://example.com/a?utm_source=b#c"),
        ("نامه\u200cای.com/x\u200cy\u200e", "نامه\u200cای.com/x\u200cy"),
        ("“example.com”", "example.com"),
    ],
)
def test_reported_is_what_was_typed(text: str, reported: str) -> None:
    assert only(text).reported == reported


@pytest.mark.parametrize(
    ("text", "host", "site", "kind"),
    [
        ("http://A.B.Example.co.uk/x", "a.b.example.co.uk", "example.co.uk", AddressKind.WEB),
        ("http://intranet/x", "intranet", "intranet", AddressKind.WEB),
        ("http://co.uk/x", "co.uk", "co.uk", AddressKind.WEB),
        ("a.b.words.test", "a.b.words.test", "words.test", AddressKind.WEB),
        ("münchen.example", "xn--mnchen-3ya.example", "xn--mnchen-3ya.example", AddressKind.WEB),
        (f"a.{ONION_3}", f"a.{ONION_3}", ONION_3, AddressKind.ONION),
        ("a.words.b32.i2p", "a.words.b32.i2p", "words.b32.i2p", AddressKind.ONION),
        ("192.0.2.7/x", "192.0.2.7", "192.0.2.7", AddressKind.IP),
        ("http://[2001:db8::1]/", "2001:db8::1", "2001:db8::1", AddressKind.IP),
        ("ftp://A.Example.com/x", "a.example.com", "example.com", AddressKind.APP),
        ("intent://A.Example.com/x", "a.example.com", "example.com", AddressKind.APP),
        ("tg://resolve?domain=example.com", "", "", AddressKind.APP),
        ("magnet:?xt=urn:btih:abc", "", "", AddressKind.APP),
    ],
)
def test_address_knows_its_host_site_and_kind(text: str, host: str, site: str, kind: AddressKind) -> None:
    address = only(text)
    assert (address.host, address.site, address.kind) == (host, site, kind)


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/a?b=c",
        "example.com/a?b=c",
        "HTTP://EXAMPLE.COM/a?b=c",
        "http://example.com./a?b=c",
        "http://example.com:80/a?b=c",
        "https://example.com:443/a?b=c",
        "example.com:443/a?b=c",
        "http://example.com/a?b=c#top",
        "http://example.com/x/../a?b=c",
        "hxxp://example[.]com/a?utm_source=d&b=c&fbclid=e",
    ],
)
def test_key_is_equal_for_the_same_place(text: str) -> None:
    assert keys(text) == ["http://example.com/a?b=c"]


@pytest.mark.parametrize(
    "text",
    [
        "http://example.com/A?b=c",
        "http://www.example.com/a?b=c",
        "http://example.com:8080/a?b=c",
        "http://example.com/a/?b=c",
        "http://example.com/a?b=c&b=c",
        "http://example.com/a?b=c#!d",
        "http://example.com/a?b=c#/d",
        "http://example.com/a?b=c#F!d",
        "http://example.com/a?b=c#d",
        "ftp://example.com/a?b=c",
    ],
)
def test_key_is_different_for_another_place(text: str) -> None:
    assert keys(text) != ["http://example.com/a?b=c"]


def test_fragment_is_kept_where_the_key_drops_it() -> None:
    address = only("https://files.example/a#:~:text=word")
    assert (address.normalised, address.key) == ("https://files.example/a#:~:text=word", "http://files.example/a")


ROWS = [*harmless.PARAMETERS, *harmless.FRAGMENTS, *harmless.LABELS]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.why[:40])
def test_harmless_row_has_a_reason_a_source_and_a_date(row: harmless.HarmlessPart) -> None:
    assert row.why
    assert row.source.startswith("https://")
    assert row.checked <= timezone.localdate()
    assert row.names or row.pattern or row.begins
    assert all(name == name.lower() for name in row.names)
    # A prefix of one site would be asked for on all.
    assert not (row.sites and any(name.endswith("*") for name in row.names))


def test_tracking_parameters_go_and_the_rest_stays_as_it_was() -> None:
    tracked = "".join(f"&{name}=x" for name in sorted(TRACKING_PARAMETERS))
    assert normalised(f"http://example.com/?z=%41+b&&UTM_Source=x{tracked}&a=1;2&z=") == [
        "http://example.com/?z=%41+b&&a=1;2&z="
    ]


def test_tracking_parameters_leave_no_question_mark_behind() -> None:
    assert normalised("http://example.com/a?fbclid=b") == ["http://example.com/a"]
    assert normalised("http://example.com/a?fbclid=b#c") == ["http://example.com/a#c"]


def test_parameter_of_a_site_goes_only_there() -> None:
    for row in harmless.PARAMETERS:
        for site in row.sites:
            path = "/a/status/1" if "status" in row.paths.pattern else "/a"
            tracked = "&".join(f"{name}=x" for name in sorted(row.names))
            assert keys(f"https://a.{site}{path}?{tracked}&n=1") == [f"http://a.{site}{path}?n=1"]
            assert keys(f"https://example.com{path}?{tracked}") == [f"http://example.com{path}?{tracked}"]


def test_punctuation_left_at_the_end_by_a_tracking_parameter_is_still_the_address() -> None:
    address = only("http://example.com/a.?utm_source=b")
    assert address.normalised == "http://example.com/a%2E"
    assert normalised(address.normalised) == [address.normalised]


def test_address_does_not_show_itself_in_its_repr() -> None:
    assert "example" not in repr(only("http://example.com/a"))


def test_addresses_touch_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("an address was followed")

    for name in ("socket", "getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    for text, _addresses in FOUND:
        for address in find_addresses(text):
            defang_address(address.normalised)
            mask_all_but_suffix(address.normalised)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://words.example.com/a.b?c#d", "hxxps://words[.]example[.]com/a.b?c#d"),
        ("http://ana.b:word@example.com:8080/", "hxxp://ana[.]b:word@example[.]com:8080/"),
        ("http://192.0.2.7/", "hxxp://192[.]0[.]2[.]7/"),
        ("http://[2001:db8::1]/", "hxxp://[2001:db8::1]/"),
        ("example.com/a", "example[.]com/a"),
        ("http://example.com/http://example.org/a", "hxxp://example[.]com/hxxp://example[.]org/a"),
        ("http://example.com/?u=www.example.org", "hxxp://example[.]com/?u=www[.]example[.]org"),
        ("http://example.com/?u=tg://resolve", "hxxp://example[.]com/?u=tg[:]//resolve"),
        ("tg://resolve?domain=words", "tg[:]//resolve?domain=words"),
        ("ftp://files.example.com/a", "ftp[:]//files[.]example[.]com/a"),
        ("magnet:?xt=urn:btih:abc", "magnet[:]?xt=urn:btih:abc"),
        ("hxxp://example[.]com/a", "hxxp://example[.]com/a"),
        ("see http://example.com/a", "see hxxp://example[.]com/a"),
        ("", ""),
    ],
)
def test_defang_disarms(address: str, shown: str) -> None:
    assert defang_address(address) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://words.example.co.uk/placeholder?a=b", "hxxps://wo•••[.]co[.]uk/•••"),
        ("http://example.com/", "hxxp://ex•••[.]com"),
        ("http://example.com/?a", "hxxp://ex•••[.]com/•••"),
        ("http://example.com/#a", "hxxp://ex•••[.]com/•••"),
        ("http://ana:word@example.com:8080/a", "hxxp://ex•••[.]com/•••"),
        ("http://ab.example/a", "hxxp://a•••[.]example/•••"),
        ("http://a.example/a", "hxxp://•••[.]example/•••"),
        ("http://a.words.example/a", "hxxp://a•••[.]example/•••"),
        ("http://co.uk/a", "hxxp://c•••[.]uk/•••"),
        ("http://intranet/a", "hxxp://in•••/•••"),
        (f"http://{ONION}/a", "hxxp://aa•••[.]onion/•••"),
        ("http://192.0.2.7/a", "hxxp://19•••/•••"),
        ("http://[2001:db8::1]/a", "hxxp://20•••/•••"),
        ("ftp://files.example.com/a", "ftp[:]//fi•••[.]com/•••"),
        ("tg://resolve?domain=words", "tg[:]•••"),
        ("magnet:?xt=urn:btih:abc", "magnet[:]•••"),
        ("no address here", "•••"),
        ("", "•••"),
    ],
)
def test_mask_hides(address: str, shown: str) -> None:
    assert mask_all_but_suffix(address) == shown


@pytest.mark.parametrize(
    "text",
    [
        piece * (20_000 // len(piece))
        for piece in (
            *("a.", "http://", "http:", "(", ")", "%", "@", "a@", "a+", ".", "-", "x", "h", "\ud800", "\u200b", "\x00"),
            *("a[.]", "a (dot) ", "aa://[", "a.b://", "http://xn--a.test/", "http://a@", "data:,", "javascript:", "[a"),
            *(
                "a.test/,",
                "a.test|",
                "a.test:",
                "a.test/b,c.d",
                "(http://a.test/",
                "'http://a.test/'",
                "http://a.test/b",
                "[::1]",
                "http:a@",
                "ed2k://|",
                "a\u200d.",
                "http://a.test:1",
                "http://a.test/\n",
                "http://a.test.\n",
                "http://a@a.test:a",
                "magnet:?dn=a&",
            ),
            *(
                "http://x.com/a?s=1&",
                "http://a.test/b.pdf#page=1&",
            ),
        )
    ]
    + ["http://a.example/" + filler for filler in (")" * 20_000, "(" * 20_000, "h" * 20_000, "?a=b&" * 4_000)],
    ids=lambda text: ascii(text[:20]),
)
def test_hostile_text_takes_no_time_worth_mention(text: str) -> None:
    assert len(find_addresses(text)) <= 3
    assert len(defang_address(text)) >= len(text) - text.count("\u200b")
    assert HIDDEN in mask_all_but_suffix(text)


PIECES = [
    *(
        "http://",
        "https://",
        "hxxps[:]//",
        "h**p://",
        "HTTP:",
        "tg://",
        "tg:",
        "foo://",
        "ftp://",
        "ed2k://|file|",
        "http:a@",
        "data:,",
        "://",
    ),
    *("example", "example.com", "a.example", "192.0.2.7", "[2001:db8::1]", ONION, "münchen.test", "例え", "co.uk"),
    *(
        ".",
        "[.]",
        "(dot)",
        "。",
        "／",
        "：",
        "/",
        "\\",
        "/../",
        "/./",
        "/.b/",
        "?",
        "#",
        "#!",
        "#top",
        "#:~:text=",
        ":99999",
        "\u200c",
        "\u200d",
        "&",
        "=",
        ":8080",
        ":443",
    ),
    *("utm_source=a", "igsh=b", "c", "@", "%", "%2E", "%41", "(", ")", "[", "]", "](", "{", "}", "'", '"', "<", ">"),
    *(",", ";", "|", "!", "*", "_", "-", " ", "\n", "\x00", "\u200b", "،", "۔", "，", "’", "…", "\ud800", "é", "☺"),
]
HOSTILE = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join)
TEXTS = HOSTILE | st.builds("{}{}{}".format, st.sampled_from(PIECES[:13]), st.sampled_from(PIECES[13:20]), HOSTILE)

LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True).filter(lambda label: "--" not in label)
HOSTS = st.builds(
    "{}.{}".format, LABELS, st.sampled_from(["example", "example.com", "example.co.uk", "test", "invalid"])
)
WORDS = st.from_regex(r"[a-z0-9]([a-zA-Z0-9._~-]{0,8}[a-zA-Z0-9])?", fullmatch=True)
PATHS = st.lists(WORDS, max_size=3).map("/".join)
QUERIES = st.lists(st.builds("q{}={}".format, WORDS, WORDS), max_size=2).map(
    lambda pairs: "?" * bool(pairs) + "&".join(pairs)
)
CLEAN = st.builds("{}://{}/{}{}".format, st.sampled_from(["http", "https"]), HOSTS, PATHS, QUERIES)
PROSE = [
    "{}",
    "I saw {}, then I left.",
    "(see {})",
    "[words]({}) and more",
    "“{}”!",
    "Link:{}\nThank you",
    "<{}>;",
    "'{}'",
    "**{}**",
    "رأيت {}، ثم",
    "یہ {}۔",
    "看{}。",
    "{}\r\n",
    "ana@example.org {} 1.2.3",
]


@given(TEXTS | st.text(st.characters(exclude_categories=[])))
def test_find_addresses_never_raises_and_reports_text_from_the_input(text: str) -> None:
    for address in find_addresses(text):
        assert address.reported in text
        assert address.normalised.isascii()
        assert address.host == address.host.lower()
    defang_address(text)
    mask_all_but_suffix(text)


@given(TEXTS)
def test_find_addresses_finds_its_own_answer_again(text: str) -> None:
    for address in find_addresses(text):
        again = only(address.normalised)
        assert (again.normalised, again.key, again.host, again.site, again.kind) == (
            address.normalised,
            address.key,
            address.host,
            address.site,
            address.kind,
        )


@given(TEXTS)
def test_find_addresses_is_unique_by_key(text: str) -> None:
    found = keys(text)
    assert found == list(dict.fromkeys(found))
    assert keys(f"{text}\n{text}") == found


@given(CLEAN, st.sampled_from(PROSE))
def test_find_addresses_finds_a_clean_address_in_any_line(url: str, line: str) -> None:
    assert [(address.reported, address.normalised) for address in find_addresses(line.format(url))] == [(url, url)]


@given(CLEAN)
def test_key_does_not_depend_on_how_the_host_is_written(url: str) -> None:
    scheme, _mark, rest = url.partition("://")
    host, _slash, path = rest.partition("/")
    port = {"http": 80, "https": 443}[scheme]
    spellings = [
        f"http://{host}/{path}",
        f"https://{host}/{path}",
        f"{host}/{path}",
        f"{scheme}://{host.upper()}/{path}",
        f"{scheme}://{host}./{path}",
        f"{scheme}://{host}:{port}/{path}",
        f"hxxp://{host.replace('.', '[.]')}/{path}",
    ]
    assert [keys(spelling) for spelling in spellings] == [keys(url)] * len(spellings)


@given(TEXTS)
def test_defang_is_undone_by_finding(text: str) -> None:
    for address in find_addresses(text):
        shown = defang_address(address.normalised)
        assert [(again.key, again.normalised) for again in find_addresses(shown)] == [(address.key, address.normalised)]
        assert defang_address(shown) == shown


@given(TEXTS)
def test_defang_leaves_nothing_to_click(text: str) -> None:
    assert re.search(r"(?i)https?:[/\\]|(?<!hxxp)(?<!hxxps)://", defang_address(text)) is None
    for address in find_addresses(text):
        authority = re.match(r"[a-z0-9+-]+(?:\[:\]|:)(?://)?([^/?#]*)", defang_address(address.normalised))
        assert authority is not None
        assert address.kind == AddressKind.APP or "." not in authority[1].replace("[.]", "")


@given(HOSTS, st.lists(st.text("klmnrvyz", min_size=4, max_size=9), min_size=1, max_size=3))
def test_mask_reveals_no_word_and_no_host(host: str, words: list[str]) -> None:
    shown = mask_all_but_suffix(
        f"http://petra:{words[0]}@{host}/{'/'.join(words)}?{words[0]}={quote(words[-1])}#{words[0]}"
    )
    assert [word for word in [*words, "petra"] if word in shown] == []
    assert host not in shown.replace("[.]", ".")
