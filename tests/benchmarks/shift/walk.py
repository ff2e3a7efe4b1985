"""The walks: each does one piece of work as often as it is measured."""

from itertools import cycle

from tests.benchmarks.shift.desk import Desk

# After the reveal: three verdicts without and one with a classification.
DECISIONS = ("1 3 4 1", "2 2", "3 1", "1 2 3 2")
FLOOD_SAMPLE = 10


def assess(desk: Desk, number: int) -> None:
    desk.open("/admin/queue/")
    desk.turn("n")
    for _turn, decision in zip(range(number), cycle(DECISIONS), strict=False):
        with desk.count("verdict"):
            desk.turn("r")
            desk.press(decision)
            desk.turn("Enter")


def find_kind(desk: Desk, kind: str) -> None:
    """From the dashboard to the first row of a kind of the to-do list."""
    desk.open("/admin/")
    with desk.count("kind of to-do opened"):
        desk.turn("x")
        if desk.page.locator(".kinds [aria-current]", has_text=kind).count() == 0:
            desk.press("f")
            desk.tab_to(kind)
            desk.turn("Enter")
        desk.press("j")
        desk.turn("Enter")


def trace_alone(desk: Desk, path: str) -> None:
    desk.open(path)
    with desk.count("trace to route, alone"):
        with desk.count("trace"):
            desk.press("t")
            desk.wait_for_focus("#trace [name=provider]")
            desk.turn("p l a Tab 1 2 3 Enter")
        with desk.count("route"):
            desk.turn("o Enter")


def trace_in_bulk(desk: Desk, path: str) -> None:
    desk.open(f"{path}?todo=trace#hosting-body")
    desk.wait_for_focus("[name=methods]")
    with desk.count("traces to routes, in bulk"):
        desk.turn("1 2 3 s")
        desk.turn("g")


def decide_disagreement(desk: Desk) -> None:
    desk.open("/admin/")
    with desk.count("disagreement"):
        desk.press("L")
        desk.tab_to("Disagreements")
        desk.turn("Enter")
        desk.press("j")
        desk.turn("Enter")
        desk.turn("c")
        desk.turn("r")
        desk.press("1 3 4 1")
        desk.turn("Enter")


def check_in_a_row(desk: Desk, number: int) -> None:
    find_kind(desk, "Check availability")
    for _turn in range(number):
        desk.wait_for_focus("button[name=outcome]")
        with desk.count("check"):
            desk.turn("1")


def decide_appeal(desk: Desk) -> None:
    find_kind(desk, "Review an appeal")
    desk.wait_for_focus("#decide_appeal select")
    with desk.count("appeal"):
        desk.press("Escape")
        desk.turn("r")
        desk.press("A")
        desk.wait_for_focus("#decide_appeal select")
        desk.turn("ArrowDown Tab Tab Enter")


def close_flood(desk: Desk) -> None:
    desk.open("/admin/queue/")
    with desk.count("flood of 40"):
        desk.turn("k Tab Tab Enter")
        desk.turn("g")
        for _turn in range(FLOOD_SAMPLE):
            desk.turn("r")
        desk.press("r")
        desk.wait_for_focus("#flood_verdict_0")
        desk.press("3 1")
        desk.turn("Enter")


def work_police_case(desk: Desk, path: str) -> None:
    """From the verdict to the request that is asked of the police, and their answer."""
    desk.open(path)
    with desk.count("police case"):
        desk.press("t")
        desk.wait_for_focus("#trace [name=provider]")
        desk.turn("e x a m p l e Space h Tab 1 2 3 Enter")
        desk.turn("o Enter")
        desk.press("k")
        desk.wait_for_focus("[name=answer]")
        # Granted under this number, and called back today.
        desk.press("g Tab E X 1 Tab Space")
        desk.turn("Enter")
