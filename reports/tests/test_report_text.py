"""The items of a report: the answer to it depends on its text alone, and intake makes as many incidents of it."""

import pytest

from reports.report_text import ReportContent, ReportReading, find_items, join_report_text, read_report


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
