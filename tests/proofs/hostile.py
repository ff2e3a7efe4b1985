"""Texts that no keyboard would send, sent in every field of every public form, and their outcome."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from urllib.parse import quote, urlencode

from reports.forms import AnswerForm, DetailsForm, ReportForm
from reports.safety.files import without_files
from tests.proofs.calling import call_inside
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.envelopes import open_envelopes
from tests.proofs.form_walk import ORDINARY, FormWalk
from tests.proofs.hostile_texts import HostileValue, hostile_texts
from tests.proofs.result import Figure, at_least, equal_to, plain_figure
from tests.proofs.stack import NO_WAITING, Stack
from tests.proofs.visitor import HttpVisitor, Page
from tests.rig.page_forms import Form, forms_on

SHOWS = "Any bytes in any field of a public form: never a failure, never a changed text, and the queue shows them all."
PROMISES = (2, 7)
COVERS = INSTALLATION

# A portal in each language.
PORTALS = (("bz", "en"), ("bz", "es"), ("gh", "fr"), ("pk", "ur"))
# Fields that are sealed as sent; others are read and dropped.
SEALED = {*ReportForm.sealed_texts(), *DetailsForm.sealed_texts(), *AnswerForm.sealed_texts()}
# The web server's limit for one body.
MOST_BYTES = 512 * 1024
STAFF_AT_ONCE = 3
# The mark for a file pasted as text: a character that no text here has.
FILE = "\U0010fffd"


@dataclass
class Outcome:
    """The outcome of one language's posts."""

    posts: int = 0
    too_large: int = 0
    forms: set[tuple[str, ...]] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    # Expected in an envelope: (code of the receipt, field, text).
    stored: list[tuple[str, str, str]] = field(default_factory=list)


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    texts = hostile_texts(full=full)
    with Stack(folder, environment=NO_WAITING, demo_reports=1).running(worker=False) as stack:
        with ThreadPoolExecutor(len(PORTALS)) as pool:
            attacks = [Attack(stack, portal, language) for portal, language in PORTALS]
            call_inside(stack, "intake.take_in")
            asked = call_inside(stack, "typed.ask_everybody", "On which page?")
            # All texts in the first language, and each once more in one of the others.
            shares = [texts, *(texts[place :: len(attacks) - 1] for place in range(len(attacks) - 1))]
            outcomes = list(pool.map(lambda attack, share: attack.run(share), attacks, shares))
        yield at_least("questions to answer", asked, len(PORTALS))
        yield plain_figure("hostile texts", len(texts))
        yield plain_figure("posts", sum(outcome.posts for outcome in outcomes))
        yield from _form_figures(outcomes)
        yield plain_figure("of these above the web server's limit", sum(outcome.too_large for outcome in outcomes))
        yield equal_to("answers of 500 and above, and broken connections", *_first_entries(outcomes, "failures"))
        yield equal_to(
            "refused posts that came back with another text in the field", *_first_entries(outcomes, "changed")
        )
        yield equal_to("posts neither stored nor refused", *_first_entries(outcomes, "lost"))
        yield from _envelope_figures(stack, outcomes)
        yield equal_to("envelopes that intake left over", call_inside(stack, "intake.take_in"), 0)
        yield from _path_figures(stack, texts)
        yield from _staff_pages(stack)


def _form_figures(outcomes: list[Outcome]) -> Iterator[Figure]:
    kinds = {fields for outcome in outcomes for fields in outcome.forms}
    yield equal_to("languages that do not have all forms", sum(outcome.forms != kinds for outcome in outcomes), 0)
    yield at_least("kinds of form found on the pages", len(kinds), 5)
    yield plain_figure("their fields", "; ".join(" ".join(fields) for fields in sorted(kinds)))


def _first_entries(outcomes: list[Outcome], name: str) -> tuple[str, str]:
    found = [entry for outcome in outcomes for entry in getattr(outcome, name)]
    return "; ".join([str(len(found)), *found[:5]]), "0"


class Attack:
    """One language's forms, discovered from its pages, with every text in each of their fields."""

    def __init__(self, stack: Stack, portal: str, language: str) -> None:
        self.visitor = stack.visitor(peer="127.0.77.1")
        # Typed where a form asks for a receipt code. Its receipt gets a question to answer.
        self.code = self.visitor.report(ORDINARY, portal=portal, language=language).receipt
        self.walk = FormWalk(self.visitor, f"/{portal}/{language}/", self.code)
        self.outcome = Outcome()

    def run(self, texts: list[HostileValue]) -> Outcome:
        for fields, fresh in self.walk.find_forms().items():
            self.outcome.forms.add(fields)
            for sent in texts:
                # A new form for each text, so that receipts stay as small as real ones.
                form = fresh()
                for name in fields:
                    self._post(form, name, sent)
        self.visitor.close()
        return self.outcome

    def _post(self, form: Form, name: str, sent: HostileValue) -> None:
        others = {key: value for key, value in self.walk.ordinary_fields(form).items() if key != name}
        body = f"{urlencode(others)}&{name}=".encode() + sent.encoded
        where = f"{form.action} {name}={sent.encoded[:40]!r}"
        self.outcome.posts += 1
        try:
            page = self.visitor.post(form.action, body)
        except (OSError, HTTPException) as error:
            self.outcome.failures.append(f"{error!r} {where}")
            return
        if page.status >= 500:
            self.outcome.failures.append(f"{page.status} {where}")
        elif page.status == 422:
            self._check_kept(page, form, name, sent, where)
        elif page.status == 200 and name in SEALED:
            self.outcome.stored.append((page.receipt or self.code, name, sent.text))
        elif page.status == 413 and len(body) > MOST_BYTES:
            self.outcome.too_large += 1
        elif page.status != 200:
            self.outcome.lost.append(f"{page.status} {where}")

    def _check_kept(self, page: Page, form: Form, name: str, sent: HostileValue, where: str) -> None:
        """The form is there again, and in it what was typed: NUL as its picture, since no page can carry it, and a
        mark, in the page's language, in place of a file pasted as text, which nothing may carry."""
        typed = without_files(sent.text, FILE).replace("\0", "\u2400")
        kept = re.compile(".+".join(re.escape(part) for part in typed.split(FILE)), re.DOTALL)
        again = [each for each in forms_on(page.text) if name in each.typed]
        if name in form.typed and not any(kept.fullmatch(each.fields[name]) for each in again):
            self.outcome.changed.append(where)


def _envelope_figures(stack: Stack, outcomes: list[Outcome]) -> Iterator[Figure]:
    """Every accepted text must be in an envelope of its receipt, character for character."""
    wanted: dict[str, set[tuple[str, str]]] = {}
    for outcome in outcomes:
        for code, name, text in outcome.stored:
            wanted.setdefault(code, set()).add((name, text))
    missing = 0
    with stack.connect() as database:
        for code, texts in wanted.items():
            there = {
                (name, str(value))
                for _, payload in open_envelopes(stack, database, code)
                for name, value in payload.items()
            }
            missing += len(texts - there)
    yield plain_figure("texts taken and opened again", sum(map(len, wanted.values())))
    yield equal_to("of these not there exactly as they were sent", missing, 0)


def _path_figures(stack: Stack, texts: list[HostileValue]) -> Iterator[Figure]:
    """The same texts as parts of paths and queries, on both surfaces."""
    failed = []
    visitors = {surface: stack.visitor(surface) for surface in ("public", "staff")}
    for sent in texts:
        piece = quote(sent.encoded[:3000], safe="%")
        for path in (
            f"/{piece}/",
            f"/bz/{piece}/",
            f"/bz/en/report/?x={piece}",
            f"/admin/{piece}/",
            f"/accounts/login/?next={piece}",
        ):
            surface = "staff" if path.startswith(("/admin", "/accounts")) else "public"
            with suppress(HTTPException, OSError):
                if visitors[surface].get(path).status >= 500:
                    failed.append(path[:60])
    yield equal_to(
        "answers of 500 and above to them in paths and queries", "; ".join([str(len(failed)), *failed[:5]]), "0"
    )


def _staff_pages(stack: Stack) -> Iterator[Figure]:
    """Each incident before, during and after a reveal; the pages with lists of incidents."""
    incidents = call_inside(stack, "intake.incidents")
    with ThreadPoolExecutor(STAFF_AT_ONCE) as pool:
        colleagues = list(pool.map(lambda _: StaffReader(stack), range(STAFF_AT_ONCE)))
        shares = [incidents[place::STAFF_AT_ONCE] for place in range(STAFF_AT_ONCE)]
        found = list(pool.map(lambda pair: pair[0].read(pair[1]), zip(colleagues, shares, strict=True)))
    wrong = [entry for each in found for entry in each]
    yield plain_figure("incidents that came of them, each opened, revealed and read", len(incidents))
    yield equal_to("staff pages that did not answer 200", "; ".join([str(len(wrong)), *wrong[:5]]), "0")


class StaffReader:
    """A signed-in member of staff who may see all portals."""

    def __init__(self, stack: Stack) -> None:
        self.visitor: HttpVisitor = stack.visitor("staff")
        self.visitor.sign_in("senior", stack.accounts()["senior"])

    def read(self, incidents: list[str]) -> list[str]:
        """All answers but 200, of every incident's pages and of the lists."""
        wrong = []
        for path in ("/admin/", *(f"/admin/queue/?page={page}" for page in range(1, 6))):
            wrong += self._read(path)
        for incident in incidents:
            path = f"/admin/incidents/{incident}/"
            wrong += self._read(path)
            self.visitor.post_form(f"{path}reveal/", {"reason": "quality"})
            wrong += self._read(path)
            self.visitor.post_form(f"{path}show-words/", {})
            wrong += self._read(path)
        return wrong

    def _read(self, path: str) -> list[str]:
        status = self.visitor.get(path).status
        return [] if status == 200 else [f"{status} {path}"]
