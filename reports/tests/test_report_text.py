"""The items of a report: the answer to it depends on its text alone, and intake makes as many incidents of it."""

import pytest

from reports.report_text import (
    ReportContent,
    ReportReading,
    find_further_addresses,
    find_items,
    join_report_text,
    may_exceed_room,
    read_report,
)


@pytest.mark.parametrize(
    ("payload", "reading"),
    [
        ({"addresses": "http://site.example/a"}, (ReportContent.ADDRESSES, 1)),
        ({"addresses": "seen on hxxp://site[.]example/a and\nb.example/c"}, (ReportContent.ADDRESSES, 2)),
        ({"addresses": "http://site.example/a http://site.example/a"}, (ReportContent.ADDRESSES, 1)),
        ({"addresses": "", "account": "https://chat.example/invite/17"}, (ReportContent.ADDRESSES, 1)),
        ({"addresses": "", "platform": "Chat app"}, (ReportContent.ACCOUNT, 0)),
        ({"addresses": "", "platform": "Chat app", "account": "name1"}, (ReportContent.ACCOUNT, 0, 1)),
        ({"addresses": "snapchat: name1\nhttp://site.example/a."}, (ReportContent.ADDRESSES, 1, 1)),
        (
            {"addresses": "site.example/a", "platform": "Kik", "account": "one.1, two.2"},
            (ReportContent.ADDRESSES, 1, 2),
        ),
        ({"addresses": "\n".join(f"site.example/{n}" for n in range(400))}, (ReportContent.ADDRESSES, 100, 0, 300)),
        ({"addresses": "@some_name on an app"}, (ReportContent.ACCOUNT, 0)),
        (
            {"addresses": "", "platform": "Kik", "account": "one.1", "happened": "see site.example/a"},
            (ReportContent.ADDRESSES, 1, 1),
        ),
        ({"addresses": "", "happened": "He wants to meet."}, (ReportContent.NOTHING, 0)),
        ({"addresses": "asdf"}, (ReportContent.NOTHING, 0)),
        ({"addresses": "my neighbour stole my bicycle"}, (ReportContent.NOTHING, 0)),
        ({"addresses": "", "platform": "", "account": ""}, (ReportContent.NOTHING, 0)),
    ],
)
def test_report_is_read_as_addresses_an_account_or_nothing(
    payload: dict[str, str], reading: tuple[ReportContent, int, int, int]
) -> None:
    assert read_report(payload) == ReportReading(*reading)


def test_report_text_is_the_addresses_as_typed_and_the_app_on_its_own_line() -> None:
    assert join_report_text({"addresses": " a\r\n"}) == " a\r\n"
    assert join_report_text({"addresses": "a", "platform": " Chat app ", "account": "name"}) == "a\nChat app: name"
    assert join_report_text({"addresses": "", "account": "name"}) == "name"
    assert join_report_text({"addresses": "", "account": "name", "happened": "He wrote."}) == "name\nHe wrote."


@pytest.mark.parametrize(
    ("payload", "in_words"),
    [
        ({"addresses": "http://site.example/a", "account": "some name"}, True),
        ({"addresses": "http://site.example/a", "platform": "Chat app"}, False),
        ({"addresses": "", "account": "https://chat.example/invite/17"}, False),
        ({"addresses": "http://site.example/a\n@some_name"}, True),
        ({"addresses": "http://site.example/@some_name"}, False),
        ({"addresses": "", "platform": "Chat app", "account": "some_name"}, False),
    ],
)
def test_account_that_no_grammar_knows_stays_words(payload: dict[str, str], in_words: bool) -> None:
    assert find_items(payload).mentions_account is in_words


@pytest.mark.parametrize(
    "words", ["He is name.me there.", "It began.It went on", "I found it through example.com", "a.me"]
)
@pytest.mark.parametrize("field", ["happened", "description", "answer", "again"])
def test_bare_host_in_free_words_is_no_address(words: str, field: str) -> None:
    """One rule for the words of a report and for those that follow it."""
    typed = {"addresses": "http://site.example/a", field: words}
    keys = find_items(typed).address_keys + [address.key for address in find_further_addresses(typed)]
    assert keys == ["http://site.example/a"]


@pytest.mark.parametrize(
    "words", ["see b.example/c there", "https://b.example", "tg:resolve?domain=b", "b.example?c=1"]
)
@pytest.mark.parametrize("field", ["happened", "description", "answer", "again"])
def test_more_than_a_host_in_free_words_is_an_address(words: str, field: str) -> None:
    typed = {"addresses": "", field: words}
    assert len(find_items(typed).address_keys + find_further_addresses(typed)) == 1


def test_words_beside_a_bare_host_are_words() -> None:
    assert "name.me" in find_items({"addresses": "", "happened": "name.me"}).words
    assert "site" not in find_items({"addresses": "", "happened": "http://site.example/a"}).words


@pytest.mark.parametrize(("items", "further", "may"), [(98, 1, False), (99, 1, True), (100, 0, False), (0, 100, True)])
def test_further_text_may_exceed_the_room_of_its_report(items: int, further: int, may: bool) -> None:
    """A report without an address is one item of words."""
    text = " ".join(f"site.example/{number}" for number in range(further))
    assert may_exceed_room({"description": text}, items) is may
