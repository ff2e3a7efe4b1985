"""The isolated workstation's page for batches: who may ask, what is kept, limits, results, and how it looks.

The proof `workstation` walks it by keyboard.
"""

import json
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from analysts.handoff.batch_contents import describe_groups, describe_rules, tasks_of
from analysts.models import BatchKind, CheckOutcome
from analysts.models.recipient import ContactSource
from tests.rig.browser import DESK, page_faults
from tests.rig.page_keys import keys_of_page
from workstation import page_server
from workstation.batch_work import BatchWork, NotNow
from workstation.fill_folder import NEEDED, SUMS, pinned_lines, sum_lines
from workstation.locked_store import LockedStore
from workstation.page_markup import WORK
from workstation.page_server import PageServer, hand_to_browser
from workstation.result_rules import OUTCOMES, SOURCES, find_faults, is_check, needs_verdict, traces_of
from workstation.sealed_file import FileFault, OpenBatch, generate_keys

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ADDRESS = "https://gallery.example/page?<b>"
ILLEGAL = {"verdict": "illegal", "severity": "A", "age_band": "11-13", "sex": "both", "typed": "1", "do": "save"}
LIMITS = {
    "budget": 3600,
    "break_after": 1200,
    "since_break": 0,
    "break_length": 600,
    "cut_off": "2026-03-02T15:00:00Z",
    "hide_after": 900,
    "severe_in_a_row": 2,
    "site_in_a_row": 3,
}


def batch_of(*sites: int, severe: tuple[int, ...] = (), **limits: Any) -> OpenBatch:
    """A batch of first assessments, one incident for each site; those at `severe` expect category A."""
    head = {
        "batch": "3f8c6f0e-6a53-4a51-9d38-0f2a1f7f6c11",
        "drawn_by": "ana",
        "until": "2026-03-02T17:00:00Z",
        "limits": LIMITS | limits,
        "groups": [group.model_dump(mode="json") for group in describe_groups()],
        "rules": [rule.model_dump(mode="json") for rule in describe_rules()],
        "methods": {"dns": "DNS", "bgp": "BGP", "route": "route", "other": "other"},
        "countries": {"NL": "Netherlands"},
        "labels": {"severe": "category A"},
    }
    text = {"label": "Description", "parts": [{"text": "Seen <i> "}, {"text": "placeholder", "masked": True}]}
    report = {"portal": "Belize", "language": "English", "hour": "2026-03-01T09:00:00Z", "ticked": [], "texts": [text]}
    incidents = [
        {
            "number": number,
            "item": f"item-{number}",
            "incident": f"0000000{number}",
            "work": "first",
            "asked": [],
            "address": ADDRESS,
            "site": site,
            "warnings": ["severe"] if number in severe else [],
            "warnings_of_site": [],
            "found_on": "",
            "reports": [report],
            "more_reports": False,
            "history": [],
        }
        for number, site in enumerate(sites, start=1)
    ]
    return OpenBatch(head, incidents)


class Visitor:
    """Sends requests to a server whose clock the test sets; by default as its own page does."""

    def __init__(self, batch: OpenBatch) -> None:
        self.now, self.saved = NOW, list[str]()
        self.work = BatchWork(batch, {}, lambda saved: self.saved.append(json.dumps(saved)))
        self.server = PageServer(self.work, write_results=lambda: "batch.results", clock=lambda: self.now)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def send(
        self,
        method: str,
        path: str,
        sent: dict[str, str] | Sequence[tuple[str, str]] | None = None,
        base: str | None = None,
        **headers: str,
    ) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.server.server_address[1], timeout=5)
        own = {"Host": self.server.host, "Content-Type": "application/x-www-form-urlencoded"}
        own |= {"Origin": self.server.origin} if method == "POST" else {}
        own |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.putrequest(method, (self.server.base if base is None else base) + path, skip_host=True)
        body = urlencode(sent or {}).encode()
        for name, value in {**own, "Content-Length": str(len(body))}.items():
            if value:
                connection.putheader(name, value)
        connection.endheaders(body)
        self.answer: HTTPResponse = connection.getresponse()
        shown = self.answer.read().decode()
        connection.close()
        return self.answer.status, shown

    def do(self, number: int, act: str, **sent: str) -> tuple[int, str]:
        return self.send("POST", f"item/{number}", {"do": act, **sent})


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    made = Visitor(batch_of(1, 2, 3))
    yield made
    made.server.shutdown()
    made.server.server_close()


HOSTILE: list[dict[str, str]] = [
    {"base": "/"},
    {"base": "/guess/"},
    {"base": ""},
    {"Host": "evil.example"},
    {"Host": "localhost:1"},
    {"Host": ""},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1"},
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
]


@pytest.mark.parametrize("request_of_page", HOSTILE)
def test_visited_page_reads_and_changes_nothing(request_of_page: dict[str, str], visitor: Visitor) -> None:
    visitor.do(1, "reveal")
    kept = (list(visitor.saved), visitor.work.revealed)
    for path in ("", "item/1", "page.css"):
        assert visitor.send("GET", path, {}, **request_of_page) == (403, "")
    for path, sent in (("item/1", ILLEGAL), ("item/1", {"do": "browse"}), ("break", {}), ("results", {})):
        assert visitor.send("POST", path, {**sent}, **request_of_page) == (403, "")
    assert (visitor.saved, visitor.work.revealed) == kept


def test_request_that_changes_something_names_its_origin(visitor: Visitor) -> None:
    assert visitor.send("POST", "item/1", {"do": "reveal"}, Origin="") == (403, "")
    assert visitor.send("POST", "item/1", {"do": "reveal"}, Content_Type="text/plain") == (400, "")
    assert visitor.send("POST", "item/1", {"note": "x" * page_server.LONGEST_BODY}) == (400, "")
    assert visitor.send("GET", "item/1?do=reveal")[0] == 404
    assert visitor.work.revealed == ""


def test_no_page_is_framed_kept_or_allowed_anything_foreign(visitor: Visitor) -> None:
    assert visitor.send("GET", "item/1")[0] == 200
    answered = dict(visitor.answer.getheaders())
    assert {name: answered[name] for name in page_server.HEADERS} == page_server.HEADERS
    assert "frame-ancestors 'none'" in answered["Content-Security-Policy"]
    assert visitor.server.server_address[0] == "127.0.0.1"


def test_address_and_words_show_once_revealed_escaped_and_never_as_a_link(visitor: Visitor) -> None:
    assert "gallery" not in visitor.send("GET", "")[1] + visitor.send("GET", "item/1")[1]
    visitor.do(1, "reveal")
    shown = visitor.send("GET", "item/1")[1]
    assert 'value="https://gallery.example/page?&lt;b&gt;"' in shown
    assert ("Seen &lt;" in shown, "Belize" in shown, '<a href="http' in shown) == (False, True, False)
    visitor.do(1, "reports")
    shown = visitor.send("GET", "item/1")[1]
    assert ("Seen &lt;i&gt;" in shown, "placeholder" in shown) == (True, False)
    visitor.do(1, "words")
    assert "placeholder" in visitor.send("GET", "item/1")[1]
    assert "gallery" not in visitor.send("GET", "item/2")[1]
    visitor.do(2, "reveal")
    assert "gallery" not in visitor.send("GET", "item/1")[1]
    # Each reveal begins with the address again.
    assert "Seen &lt;" not in visitor.send("GET", "item/2")[1]
    visitor.do(1, "reports")
    assert "Seen &lt;" not in visitor.send("GET", "item/1")[1]


@pytest.mark.parametrize(
    ("texts", "words_first", "asks"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_words_are_on_a_second_key_only_where_there_are_some(texts: bool, words_first: bool, asks: bool) -> None:
    """Those that may name the danger come with the address, as at the desk."""
    batch = batch_of(1)
    batch.incidents[0]["words_first"] = words_first
    if not texts:
        batch.incidents[0]["reports"][0].update(texts=[])
    with visiting(batch) as visitor:
        visitor.do(1, "reveal")
        page = visitor.send("GET", "item/1")[1]
        assert ('data-shortcut="R"' in page, "Seen &lt;" in page) == (asks, words_first)


def test_each_key_means_one_thing(visitor: Visitor) -> None:
    visitor.server.browser = "/usr/bin/browser"
    pages = [visitor.send("GET", path)[1] for path in ("", "item/1")]
    visitor.do(1, "reveal")
    pages.append(visitor.send("GET", "item/1")[1])
    visitor.do(1, "reports")
    pages.append(visitor.send("GET", "item/1")[1])
    visitor.work.batch.incidents[0].update(work="second")
    pages.append(visitor.send("GET", "item/1")[1])
    visitor.work.batch.incidents[0].update(work="traces", asked=["trace", "available"])
    visitor.work.batch.head.update(labels={outcome: outcome for outcome in OUTCOMES})
    pages.append(visitor.send("GET", "item/1")[1])
    visitor.work.batch.incidents[0].update(work="checks", asked=["available"])
    pages.append(visitor.send("GET", "item/1")[1])
    keys = [keys_of_page(page) for page in pages]
    assert [key for page_keys in keys for key, words in page_keys.items() if len(words) > 1] == []
    deciding = set("abcdefghqBlwiomptCOHvsx")
    of_items = [deciding | {"R"}, deciding, deciding, set("abcdefghqCOHvsx"), set("123abcdefghCOHvsx")]
    assert [set("nx"), set("rsx"), *of_items] == [*map(set, keys)]


def test_verdict_is_kept_and_comes_back_with_its_seconds(visitor: Visitor) -> None:
    visitor.do(1, "reveal")
    visitor.now += timedelta(seconds=70)
    traces = {"place_0_methods": "dns", "place_0_country": "nl", "place_0_provider": "Alpha", "note": "Seen."}
    status, shown = visitor.do(1, "save", **{**ILLEGAL, "sex": ""}, **traces)
    assert (status, "This severity needs age and sex." in shown) == (422, True)
    status, _shown = visitor.do(1, "save", **ILLEGAL, **traces)
    assert (status, visitor.answer.getheader("Location")) == (303, f"{visitor.server.base}item/2")
    visitor.do(2, "skip")
    [first, second] = visitor.work.results()
    assert first == {
        "item": "item-1",
        "seconds": 70,
        "decision": {"verdict": "illegal", "severity": "A", "age_band": "11-13", "sex": "both"},
        "traces": [{"method": "dns", "country": "NL", "provider": "Alpha", "at": "2026-03-02T09:01:10Z"}],
        "note": "Seen.",
    }
    assert second == {"item": "item-2", "seconds": 0, "skipped": True}


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({}, "Tick the methods of a trace or choose the result of the check, or skip the incident."),
        ({"place_0_provider": "Alpha"}, "Place 1: tick the methods that name it."),
        ({"place_0_ip": "192.0.2.7"}, "Place 1: tick the methods that name it."),
        (
            {"place_0_methods": "dns", "place_0_country": "Holland"},
            "Place 1: the country is a two-letter code such as NL.",
        ),
        ({"place_1_methods": "dns", "place_1_country": "NL"}, "Place 2: the provider is missing."),
        ({"place_0_methods": "dns", "place_0_ip": "192.168.0.1"}, "Place 1: the IP address is not one that a host"),
        (
            {"place_0_methods": "dns", "place_0_contact": "a@b.example"},
            "Place 1: enter an abuse contact with",
        ),
        ({"place_0_methods": "dns", "place_0_contact_source": "rdap"}, "Place 1: enter an abuse contact with"),
        (
            {"place_0_methods": "dns", "place_0_contact": "abuse", "place_0_contact_source": "rdap"},
            "Place 1: the abuse contact is not an e-mail address.",
        ),
        ({"place_0_methods": "other"}, "Place 1: specify the other method in the note."),
        ({"place_0_methods": "magic"}, "Each tracing method can be used once."),
        ({"place_0_methods": "dns", "place_1_methods": "dns"}, "Each tracing method can be used once."),
        ({"available": "perhaps"}, "Choose the result of the check again."),
    ],
)
@pytest.mark.parametrize("task", ["trace", "available"])
def test_slip_in_traces_and_checks_is_named_before_it_is_saved(typed: dict[str, str], message: str, task: str) -> None:
    batch = batch_of(1)
    batch.incidents[0].update(work="traces" if task == "trace" else "checks", asked=[task])
    values = {name: [text] for name, text in typed.items()}
    assert message in " ".join(find_faults(batch.head, batch.incidents[0], values))


def findings_batch(*asked: list[str]) -> OpenBatch:
    """A batch of incidents that need no verdict, one for each list of tasks."""
    batch = batch_of(*range(1, len(asked) + 1))
    batch.head.update(labels={code: code for code in (*OUTCOMES, "severe")})
    for incident, tasks in zip(batch.incidents, asked, strict=True):
        incident.update(work="traces" if "trace" in tasks else "checks", asked=tasks)
    return batch


@contextmanager
def visiting(batch: OpenBatch) -> Iterator[Visitor]:
    visitor = Visitor(batch)
    yield visitor
    visitor.server.shutdown()
    visitor.server.server_close()


@pytest.mark.parametrize("asked", [["trace"], ["available"], ["trace", "available"]], ids=" ".join)
def test_item_to_trace_or_check_takes_both_without_a_verdict(asked: list[str]) -> None:
    with visiting(findings_batch(asked)) as visitor:
        visitor.do(1, "reveal")
        page = visitor.send("GET", "item/1")[1]
        assert ("Hosting traces" in page, "Availability" in page, 'name="verdict"' in page) == (True, True, False)
        assert ('<details open data-group-key="H">' in page) == ("trace" in asked)
        assert ('data-group="available" data-needed' in page) == (asked == ["trace", "available"])
        assert ('<button name="available" value="gone" data-shortcut="2"' in page) == (asked == ["available"])
        place = {"place_0_methods": "dns", "place_0_country": "nl", "place_0_provider": "Alpha"}
        assert visitor.do(1, "save", typed="1", available="gone", **place)[0] == 303
        at = "2026-03-02T09:00:00Z"
        assert visitor.work.results() == [
            {
                "item": "item-1",
                "seconds": 0,
                "traces": [{"method": "dns", "country": "NL", "provider": "Alpha", "at": at}],
                "available": {"outcome": "gone", "at": at},
            }
        ]


@pytest.mark.parametrize("warned", ["warnings", "warnings_of_site", ""])
def test_check_leads_to_the_next_one_revealed_unless_a_warning_comes_first(warned: str) -> None:
    batch = findings_batch(["available"], ["available"], ["trace"])
    if warned:
        batch.incidents[1][warned] = ["severe"]
    with visiting(batch) as visitor:
        visitor.do(1, "reveal")
        assert visitor.send("POST", "item/1", {"typed": "1", "available": "online"})[0] == 303
        assert visitor.answer.getheader("Location") == f"{visitor.server.base}item/2"
        assert visitor.work.revealed == ("" if warned else "item-2")
        visitor.send("POST", "item/2", {"typed": "1", "available": "gone"})
        # A trace that follows is not a check.
        assert visitor.work.revealed == ""
        assert [result["available"]["outcome"] for result in visitor.work.results()] == ["online", "gone"]


def test_check_leads_to_no_other_past_a_limit() -> None:
    batch = findings_batch(["available"], ["available"])
    batch.head["limits"]["break_after"] = 60
    with visiting(batch) as visitor:
        visitor.do(1, "reveal")
        visitor.now += timedelta(seconds=60)
        visitor.send("POST", "item/1", {"typed": "1", "available": "online"})
        assert (visitor.work.revealed, visitor.work.state_of(batch.incidents[0])) == ("", "done")


def test_check_that_was_saved_keeps_its_result_until_another_is_chosen() -> None:
    with visiting(findings_batch(["available"])) as visitor:
        visitor.do(1, "reveal")
        visitor.send("POST", "item/1", {"typed": "1", "available": "online"})
        visitor.do(1, "reveal")
        page = visitor.send("GET", "item/1")[1]
        assert page.index('<button name="available" value="gone"') < page.index('<input type="hidden" name="available"')
        sent = [("typed", "1"), ("available", "gone"), ("available", "online")]
        visitor.send("POST", "item/1", sent)
        assert visitor.work.results()[0]["available"]["outcome"] == "gone"
        visitor.do(1, "draft", typed="1", note="Seen.", available="gone")
        assert visitor.work.results()[0]["available"]["outcome"] == "gone"


def test_page_knows_the_same_outcomes_and_tasks_as_the_installation() -> None:
    assert tuple(CheckOutcome.values) == OUTCOMES
    assert {source.value: str(source.label) for source in ContactSource} == SOURCES
    assert set(BatchKind.values) == {*WORK}
    for kind in BatchKind:
        [incident] = batch_of(1).incidents
        incident.update(work=kind.value, asked=tasks_of(kind, None, now=NOW))
        needed = (needs_verdict(incident), bool(incident["asked"]), is_check(incident))
        assert needed == (kind.is_assessment, not kind.is_assessment, kind == BatchKind.CHECKS)


def test_mixed_batch_asks_of_each_incident_its_own_work() -> None:
    batch = batch_of(1, 2)
    batch.head.update(labels={outcome: outcome for outcome in OUTCOMES})
    batch.incidents[1].update(work="checks", asked=["available"])
    with visiting(batch) as visitor:
        overview = visitor.send("GET", "")[1]
        assert (overview.count("First assessment"), overview.count("Availability check")) == (1, 1)
        for number, is_assessed in ((1, True), (2, False)):
            visitor.do(number, "reveal")
            page = visitor.send("GET", f"item/{number}")[1]
            assert ('name="verdict"' in page, 'name="available"' in page) == (is_assessed, not is_assessed)
        visitor.send("POST", "item/2", {"typed": "1", "available": "gone"})
        assert visitor.do(1, "save", typed="1")[0] == 422
        assert visitor.do(1, "save", **ILLEGAL)[0] == 303
        assert [set(result) - {"item", "seconds"} for result in visitor.work.results()] == [{"decision"}, {"available"}]


def test_each_method_is_a_trace_of_the_place_that_it_names() -> None:
    typed = {
        "place_0_methods": ["dns", "bgp"],
        "place_0_country": ["nl"],
        "place_0_provider": ["Alpha"],
        "place_0_network": ["AS64496"],
        "place_0_contact": ["abuse@alpha.example"],
        "place_0_contact_source": ["rdap"],
        "place_1_methods": ["other"],
        "place_1_provider": ["Beta"],
        "place_1_note": ["a page of theirs"],
    }
    place = {"country": "NL", "provider": "Alpha", "network": "AS64496"}
    place |= {"contact": "abuse@alpha.example", "contact_source": "rdap"}
    assert traces_of(typed) == [
        {"method": "dns", **place},
        {"method": "bgp", **place},
        {"method": "other", "provider": "Beta", "note": "a page of theirs"},
    ]


SUGGESTED = {"country": "NL", "provider": "Alpha", "network": "AS64496 Alpha Net", "at": "2026-02-24T09:00:00Z"}


def test_last_trace_is_suggested_with_its_day_and_each_method_answers_afresh() -> None:
    batch = findings_batch(["trace", "available"])
    batch.incidents[0]["suggested"] = SUGGESTED
    with visiting(batch) as visitor:
        visitor.do(1, "reveal")
        page = visitor.send("GET", "item/1")[1]
        assert "Suggested as traced on 24 Feb 2026." in page
        fields = [f'name="place_0_{name}" value="{SUGGESTED[name]}"' for name in ("provider", "country", "network")]
        assert [field for field in fields if field not in page] == []
        assert ('name="place_0_ip" value=""' in page, " checked" in page) == (True, False)
        suggestion = {
            "typed": "1",
            **{f"place_0_{name}": SUGGESTED[name] for name in ("provider", "country", "network")},
        }
        # A suggestion alone is no trace, and no fault beside a check.
        assert "Tick the methods of a trace" in visitor.do(1, "save", **suggestion)[1]
        other = {**suggestion, "place_0_network": "AS64496"}
        assert "tick the methods that name it" in visitor.do(1, "save", **other)[1]
        assert visitor.do(1, "save", **suggestion, available="gone")[0] == 303
        assert [set(result) for result in visitor.work.results()] == [{"item", "seconds", "available"}]
        # The text typed instead stays.
        visitor.do(1, "reveal")
        visitor.do(1, "draft", typed="1", place_0_provider="Beta")
        assert 'name="place_0_provider" value="Beta"' in visitor.send("GET", "item/1")[1]


@pytest.mark.parametrize(
    ("checks", "sentence"),
    [
        ({"in_a_row": 0, "needed": 3}, "Found removed: 0 of 3 checks in a row."),
        (
            {"in_a_row": 1, "needed": 3, "counts_from": "2026-12-02T10:00:00Z"},
            "Found removed: 1 of 3 checks in a row; the next one counts from 02 Dec 2026,",
        ),
    ],
)
@pytest.mark.parametrize("asked", [["available"], ["trace", "available"]], ids=" ".join)
def test_check_says_from_when_the_next_one_counts(checks: dict[str, Any], sentence: str, asked: list[str]) -> None:
    batch = findings_batch(asked)
    batch.incidents[0]["checks"] = checks
    with visiting(batch) as visitor:
        visitor.do(1, "reveal")
        assert sentence in visitor.send("GET", "item/1")[1]


def wait_for_work(page: Page) -> None:
    """Until the form is there and its script answers keys."""
    page.locator("#work").wait_for()
    page.wait_for_load_state("domcontentloaded")


def test_three_methods_and_a_row_of_checks_take_few_keys(chromium: Browser) -> None:
    """Keys pressed, with those of a typed place counted apart: reveal, three methods, save; one key for a check."""
    batch = findings_batch(["trace"], ["available"], ["available"], ["trace"])
    batch.incidents[3]["suggested"] = SUGGESTED
    with visiting(batch) as visitor:
        page = chromium.new_context(viewport=DESK).new_page()
        page.goto(f"{visitor.server.origin}{visitor.server.base}item/1")
        pressed = list[str]()

        def press(*keys: str) -> None:
            for key in keys:
                page.keyboard.press(key)
                pressed.append(key)

        press("r")
        wait_for_work(page)
        press("H")
        page.keyboard.type("Alpha")
        press("Tab")
        page.keyboard.type("nl")
        press("Tab", "1", "2", "Enter")
        page.wait_for_url("**/item/2")
        assert pressed == ["r", "H", "Tab", "Tab", "1", "2", "Enter"]
        pressed.clear()
        press("r")
        wait_for_work(page)
        press("2")
        page.wait_for_url("**/item/3")
        wait_for_work(page)
        press("1")
        page.wait_for_url("**/item/4")
        assert pressed == ["r", "2", "1"]
        pressed.clear()
        press("r")
        wait_for_work(page)
        press("1", "2", "3", "Enter")
        page.get_by_role("button", name="Write the results").wait_for()
        assert len(pressed) == 5
        page.context.close()
        traced, *checked, again = visitor.work.results()
        assert [trace["provider"] for trace in again["traces"]] == ["Alpha"] * 3
        assert [trace["method"] for trace in traced["traces"]] == ["dns", "bgp"]
        assert [result["available"]["outcome"] for result in checked] == ["gone", "online"]


def test_pages_are_fit_to_be_used(visitor: Visitor, chromium: Browser) -> None:
    wide: ViewportSize = {"width": 1440, "height": 900}
    page = chromium.new_context(viewport=DESK).new_page()
    wrong: list[str] = []

    def look(name: str) -> None:
        wrong.extend(page_faults(page, name, (DESK, "light"), (wide, "dark")))

    page.goto(visitor.server.origin + visitor.server.base)
    look("list")
    page.keyboard.press("n")
    page.wait_for_url("**/item/1")
    look("masked")
    page.keyboard.press("r")
    wait_for_work(page)
    page.keyboard.press("1")
    page.keyboard.press("H")
    look("revealed")
    page.locator("[data-record]").click()
    page.get_by_role("alert").wait_for()
    look("refused")
    assert page.locator("#work").get_attribute("autocomplete") == "off"
    page.context.close()
    assert wrong == []


def test_content_is_hidden_without_input_and_past_each_limit() -> None:
    def work_of(**limits: Any) -> BatchWork:
        return BatchWork(batch_of(1, 2, **limits), {}, lambda saved: None)

    def reveal(work: BatchWork, after: timedelta) -> str:
        work.reveal(work.incident(1), now=NOW)
        work.count_time(now=NOW + after)
        try:
            work.reveal(work.incident(2), now=NOW + after)
        except NotNow as refused:
            return str(refused)
        return work.revealed

    idle = work_of()
    idle.reveal(idle.incident(1), now=NOW)
    idle.count_time(now=NOW + timedelta(seconds=899))
    assert idle.revealed
    idle.count_time(now=NOW + timedelta(seconds=1799))
    assert (idle.revealed, idle.saved["exposure"]) == ("", 1799)
    assert reveal(work_of(), timedelta(seconds=60)) == "item-2"
    assert "exposure limit" in reveal(work_of(budget=60), timedelta(seconds=60))
    assert "break is due" in reveal(work_of(break_after=60), timedelta(seconds=60))
    assert "working day" in reveal(work_of(), timedelta(hours=6))
    assert "back in the queue" in reveal(work_of(cut_off=None), timedelta(hours=8))
    tired = work_of(break_after=60, since_break=60)
    tired.begin_break(now=NOW)
    with pytest.raises(NotNow, match="on a break"):
        tired.reveal(tired.incident(1), now=NOW + timedelta(seconds=599))
    tired.reveal(tired.incident(1), now=NOW + timedelta(seconds=600))


def test_rotation_passes_over_what_was_seen_enough() -> None:
    work = BatchWork(batch_of(1, 1, 1, 1, 2, severe=(3,)), {}, lambda saved: None)
    order = []
    while (incident := work.next_incident()) is not None:
        order.append(incident["number"])
        severity = {"severity": ["A"]} if len(order) < 3 else {"severity": ["C"]}
        values = {name: [value] for name, value in ILLEGAL.items() if name not in ("do", "typed")}
        assert work.finish(incident, values | severity, now=NOW) == []
    # After two of category A another than the one that expects it; after three of a site another site.
    assert order == [1, 2, 4, 5, 3]


def test_browser_gets_one_plain_argument_and_no_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[list[str], dict[str, Any]]] = []
    monkeypatch.setattr("workstation.page_server.subprocess.Popen", lambda given, **more: started.append((given, more)))
    for address in ("https://a.example/$(x);y", "http://placeholderonion.onion/"):
        hand_to_browser("/usr/bin/browser", address)
    assert [given for given, _more in started] == [
        ["/usr/bin/browser", "https://a.example/$(x);y"],
        ["/usr/bin/browser", "http://placeholderonion.onion/"],
    ]
    assert all(not more.get("shell") for _given, more in started)
    for address in (
        "--help",
        "file:///etc/passwd",
        "javascript:1",
        "https://",
        "http://a.example/\n-x",
        "http://[",
        " http://a",
    ):
        with pytest.raises(NotNow):
            hand_to_browser("/usr/bin/browser", address)
    assert len(started) == 2


def test_keys_and_drafts_open_with_the_passphrase_only(tmp_path: Path) -> None:
    store = LockedStore.create(tmp_path / "own", "correct horse battery", generate_keys(), cost=1 << 4)
    store.save_drafts("3f8c6f0e-6a53", {"note": "placeholder"})
    written = b"".join(path.read_bytes() for path in (tmp_path / "own").iterdir())
    assert b"placeholder" not in written
    assert store.keys.signing.hex().encode() not in written
    again = LockedStore.open(tmp_path / "own", "correct horse battery")
    assert (again.keys, again.load_drafts("3f8c6f0e-6a53")) == (store.keys, {"note": "placeholder"})
    for wrong in ("", "correct horse", "Correct horse battery"):
        with pytest.raises(FileFault, match="passphrase is wrong"):
            LockedStore.open(tmp_path / "own", wrong)
    with pytest.raises(FileFault, match="exists already"):
        LockedStore.create(tmp_path / "own", "correct horse battery", generate_keys())


def test_folder_is_filled_with_the_versions_of_the_product() -> None:
    pinned = pinned_lines((Path(__file__).parents[2] / "requirements.txt").read_text(encoding="utf-8"))
    assert [line.split("==")[0] for line in pinned.splitlines() if "==" in line] == [*NEEDED]
    assert all(line.endswith("\\") or "--hash=sha256:" in line for line in pinned.splitlines())


def test_sums_of_the_folder_show_a_file_changed_removed_or_added(tmp_path: Path) -> None:
    """The command of the guide."""
    [command] = [
        line for line in (Path(__file__).parents[2] / "docs/guides/workstation.md").read_text().splitlines()
        if line.startswith("find . -type f")
    ]  # fmt: skip
    for name in ("page.py", "page-x.py", "packages/a/b.py", "packages/a.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / SUMS).write_text("".join(sum_lines(tmp_path)))

    def difference() -> str:
        return subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False).stdout

    assert difference() == ""
    (tmp_path / "packages" / "json.py").write_text("")
    assert "> " in difference()
    (tmp_path / "packages" / "json.py").unlink()
    (tmp_path / "page.py").unlink()
    assert "< " in difference()
