"""One form posted by many clients at once: one report."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
from psycopg import sql

from tests.proofs.covered_code import PUBLIC_SURFACE
from tests.proofs.envelopes import open_envelopes
from tests.proofs.result import Figure, equal_to, plain_figure
from tests.proofs.stack import NO_WAITING, Stack
from tests.proofs.visitor import HttpVisitor, Page

SHOWS = "The same form posted by many clients at once is one report: one receipt, one envelope."
PROMISES = (2, 7)
COVERS = PUBLIC_SURFACE

PATH = "/bz/en/report/"
CLIENTS = 8


class Crowd:
    """CLIENTS visitors, each from an address of its own, that post at the same moment."""

    def __init__(self, stack: Stack, pool: ThreadPoolExecutor) -> None:
        self.visitors = [stack.visitor(peer=f"127.0.8.{number + 1}") for number in range(CLIENTS)]
        self.pool = pool
        self.barrier = threading.Barrier(CLIENTS)

    def form(self) -> str:
        """The token of a new form."""
        return self.visitors[0].get(PATH).field("token")

    def post(self, tokens: Sequence[str], addresses: str) -> list[Page]:
        """Each visitor sends the form with its token."""
        posts = [
            self.pool.submit(self._post, visitor, token, addresses)
            for visitor, token in zip(self.visitors, tokens, strict=True)
        ]
        return [post.result() for post in posts]

    def _post(self, visitor: HttpVisitor, token: str, addresses: str) -> Page:
        self.barrier.wait()
        return visitor.post(PATH, {"token": token, "addresses": addresses})


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    forms = 200 if full else 20
    with (
        Stack(folder, environment=NO_WAITING).running(["public"], worker=False) as stack,
        stack.connect() as database,
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        crowd = Crowd(stack, pool)
        tokens = [crowd.form() for _ in range(forms)]
        yield plain_figure("forms, each posted by so many clients at once", f"{forms} by {CLIENTS}")

        first = [crowd.post([token] * CLIENTS, _address_text("first", number)) for number, token in enumerate(tokens)]
        codes = [pages[0].receipt for pages in first]
        flat = [page for pages in first for page in pages]
        yield equal_to("posts not answered with a receipt", sum(not page.receipt for page in flat), 0)
        yield equal_to("different receipts shown", len({page.receipt for page in flat}), forms)
        yield equal_to("forms that showed more than one receipt", _count_torn(first), 0)
        yield equal_to("receipts stored", _count_rows(database, "reports_receipt"), forms)
        yield equal_to("envelopes stored", _count_rows(database, "reports_submission"), forms)

        second = [crowd.post([token] * CLIENTS, _address_text("second", number)) for number, token in enumerate(tokens)]
        yield equal_to(
            "answers with another receipt to the same forms with other text",
            sum(page.receipt != code for code, pages in zip(codes, second, strict=True) for page in pages),
            0,
        )
        yield equal_to("receipts stored then", _count_rows(database, "reports_receipt"), forms)
        yield equal_to("envelopes stored then", _count_rows(database, "reports_submission"), 2 * forms)
        yield equal_to(
            "receipts whose envelopes do not hold just the two texts", _count_wrong(stack, database, codes), 0
        )

        # The control: one text, sent at once by as many forms, counts as doubled.
        crowd.post([crowd.form() for _ in range(CLIENTS)], _address_text("control", 0))
        added = _count_rows(database, "reports_submission") - 2 * forms
        yield equal_to("control: envelopes of one text sent by as many forms as clients", added, CLIENTS)


def _address_text(name: str, number: int) -> str:
    return f"https://example.org/{name}/{number}"


def _count_torn(posts: Sequence[Sequence[Page]]) -> int:
    return sum(len({page.receipt for page in pages}) != 1 for pages in posts)


def _count_rows(database: psycopg.Connection, table: str) -> int:
    rows = database.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchall()
    return int(rows[0][0])


def _count_wrong(stack: Stack, database: psycopg.Connection, codes: Sequence[str]) -> int:
    wrong = 0
    for number, code in enumerate(codes):
        texts = sorted(str(payload["addresses"]) for _, payload in open_envelopes(stack, database, code))
        wrong += texts != [_address_text("first", number), _address_text("second", number)]
    return wrong
