"""The project stays small enough for a few people to carry: each measure of `make size` has a budget."""

import ast
from collections import Counter

import pytest

from tests.rig.python_files import ROOT
from tests.rig.size import is_product, list_files, measure_files, measure_site

MOST_LINES_OF_A_FUNCTION = 60
MOST_MODULES_OF_A_FOLDER = 30

# By measure: the numbers whose sum is the budget, each with its reason. To raise a budget, add a row that says what the
# growth bought; where something was removed, add a negative row.
BUDGETS: dict[str, list[tuple[int, str]]] = {
    "product lines": [
        (85_600, "the size at which budgets began, and 5 %"),
        (700, "accounts on apps with keys, masks sealed under keys of their own, held work handed over"),
        (400, "a worker of its own for intake, which waits for no other job and shows no moment"),
        (
            1_200,
            "help that asks about oneself, grooming, nights, a further look, words of crisis by theme and language",
        ),
        (
            5_100,
            "letters with all facts, law, corrections, XARF; answers by address; facts, calls and inbox for police",
        ),
        (1_500, "answers of the police that count once confirmed, alerts by letter, withdrawals, alarm about refusals"),
        (
            500,
            "intake with half the statements, facts of steps by table, keys shared by desk and workstation, loan words",
        ),
        (200, "claims on a child in danger that end without work, warnings by host, words on a second key"),
        (500, "outcomes of one's own cases, contacts to talk to, counselling, rotation by what hurts"),
        (150, "one thing a key: words, related addresses, handing over what another reads; characters read"),
        (150, "pages found by name, medians within intervals, what all rows of a list have in common"),
        (550, "systemic cases, sent to and answered by senior analysts; the sample of a flood on one page"),
        (40, "unread answers on one key, marks of invented open data"),
        (150, "one preview of traces and routes, the decision about another abuse contact"),
        (1_700, "reports from partners' systems: their surface, keys of two people, shares, a client"),
        (430, "mixed batches, one form of a trace, suggested places, abuse contacts, checks that count for nothing"),
        (250, "marks on arrivals, exits recorded by the hour, spellings sealed once, a first count in parts"),
        (370, "IANA’s language tags, drafts, reviews of several languages, languages of translators"),
        (1_950, "history of a former system: read, mapped, counted, imported by two people, undone; SCARt's export"),
        (250, "a database that fails over alone; servers whose advisory locks do not exclude"),
        (400, "checks that are unknown, graded and by cause, answers of surfaces, steps in bands, intake stood in for"),
        (650, "scripts that go on where they were cut off, values read back from processes, archives compared"),
        (550, "desk names, ids in the audit log, asking whose one is, forgetting who left"),
        (150, "mails about each kind of request, answers about ids that are found, quotas without a key"),
        (160, "imported cases found after a change of rules, how far an import is, one request for a key at a time"),
        (150, "to-do lists that work returns to, one key model of verdicts, words on a second key on the workstation"),
        (150, "an inbox with answers, corrections, labels and sentences before a referral; grounds by category"),
        (60, "folded forms that load when they are opened, a DID in an address of an app"),
        (100, "a mail that asks other senior analysts for an import, to-do lists without counts of nothing"),
        (110, "accounts by DID, quotas by request, appeals decided in fewer keys"),
        (200, "folded forms that load when they are opened, one search for the count and the page of a list"),
        (50, "waits for others as a list, a language that hardly a report is in, claims beside a flood"),
        (-420, "words of crisis learnt from sentences, in place of patterns and rules of two kinds"),
    ],
    "test lines": [
        (95_100, "the size at which budgets began, and 5 %"),
        (1_200, "tests generated from tables of doors, settings, roles and verified fields"),
        (800, "partners' systems in the proofs, the model of life, containers and under a real web server"),
        (900, "`make mutation`: bugs seeded at random where promises are kept"),
        (600, "intake killed, stopped, cut off and by the clock, services by what starts and watches them"),
        (700, "the privacy proof compares three runs of an installation, and reads notifications"),
        (900, "accounts with keys, readings of one line, search by absence, words of crisis"),
        (1_400, "masks, verbs of the seam, held work by kind and way, ends of settings, limits that bugs had passed"),
        (1_900, "recall of words of crisis by theme, every help door by portal and language, ticks, a further look"),
        (
            1_300,
            "conditions of permissions, claims, triggers and merges in both directions, which seeded bugs had passed",
        ),
        (5_500, "letters, answers, calls and inboxes, from tables of recipients, purposes, kinds of answer and doors"),
        (2_300, "answers of the police by kind and way, corrections by event, sent letters; rows that bugs had passed"),
        (
            1_800,
            "verdicts and reasons typed on both pages, keys in each state, rows of intake, bugs that had passed",
        ),
        (450, "claims on a child in danger that end without work, warnings of free hosts, marks of lists"),
        (600, "numbers about one person looked for on each page, outcomes, contacts, counselling, rotation"),
        (350, "one thing a key, what each reveal counts at least, characters, readers of a language"),
        (200, "exact hits, pages and domains of the search, medians, invented history, places of lists"),
        (400, "systemic cases from each state, their answers, overdue ones"),
        (100, "the sample of a flood read on one page"),
        (200, "heights of the desk, one rule of checks, drafts recorded by Enter, a lead who sees no number"),
        (200, "keys from a trace to a route, contacts that differ, routes of a host"),
        (150, "staff and public pages beside bare Django's form, illegal verdicts and undoing"),
        (1_000, "reports of two partners by item, key, quota and day, a hostile one, killed processes"),
        (600, "mixed batches by kind, contacts by door, formats of results, keys from a trace to a route"),
        (350, "danger beside a flood, spellings in each place, what a first count misses, bands of what waits"),
        (650, "Vanuatu opened with every click and field counted, tags, drafts, several reviews, pictures"),
        (950, "an invented export of SCARt with its traps, imports, their verbs, acts and benchmark"),
        (1_100, "failover on three machines: killed, cut off, frozen, without etcd, under reports and verdicts"),
        (600, "units by cause in their sandbox, unread values by kind, alerts against runbooks and metrics"),
        (900, "scripts cut off at each step, processes and their files, uninstalling, both kinds of machine"),
        (700, "a shift walked by keyboard: its cases, walks, heights and table"),
        (450, "everything at once: requests when due, desks, a watch of the database, and a proof"),
        (150, "the way back to the last release, which daily work outlasts; a portal's language that becomes another"),
        (500, "events of both formats, names of colleagues looked for on each page, whose an id is"),
        (150, "mails about each kind of request, and what the desk’s pages show"),
        (
            410,
            "an import beside the desk, files that leave no byte in clear, merged addresses, figures without imports",
        ),
        (150, "accounts at the doors of staff and imports, files beside other jobs, a file in the privacy proof"),
        (350, "places of to-do lists, each digit after a verdict at each form, notes of reviewers who disagree"),
        (200, "names that look like hosts, room for further addresses, accounts in the search, seconds on a slow line"),
        (170, "what an inbox shows in place of letters, and who can read a released sentence"),
        (50, "whom the mail about an import reaches, pages beside bare Django’s form in turn"),
        (250, "accounts by DID, quotas by request, appeals and disagreements by keyboard"),
        (100, "statements that join so many tables that they read whole ones"),
        (110, "starts of units that wait for their program, a form that claims too many rows, values tried in pairs"),
        (60, "each kind of report against every metric"),
        (-250, "sentences in place of patterns of crisis words"),
        (50, "steps of scripts compared by their commands, a test of describing a release"),
    ],
    "migration lines": [
        (7_870, "the size at which budgets began, and 5 %"),
        (300, "second persons, verified values and what is withdrawn, held by the database"),
        (50, "a heartbeat for each kind of worker"),
        (70, "which merged addresses a verdict answers, and one further look a receipt"),
        (
            1_400,
            "law as rows, looks before notices, numbered answers, calls, inboxes and releases, held by the database",
        ),
        (300, "confirmed answers, letters without a referral, words of sent letters, held by the database"),
        (60, "the alarm of returned danger reports, and which content warnings hold for a host alone"),
        (90, "limits that were passed, the weekly note, contacts to talk to, days of counselling"),
        (70, "systemic cases with their reasons and answers"),
        (400, "sources with their keys, items and the functions of their door"),
        (40, "the kind of work is that of a batch’s incidents"),
        (50, "another abuse contact, with who proposed it"),
        (70, "marks on arrivals, spellings of incidents, parts of a first count"),
        (230, "history imports, their sealed files and cases, held by the database"),
        (40, "what surfaces answered to the watch"),
        (180, "ids in the audit log, kept with their accounts, and desk names"),
    ],
    "catalogue lines": [
        (17_400, "public texts in seven languages, and 5 %"),
        (600, "three doors, two ticks, hours of reading and a further look, in seven languages"),
        (900, "replies by number, how letters look, the release of words and the server's address, in seven languages"),
        (300, "answers of the police, in seven languages"),
        (50, "how to send what is beyond a report's room, in seven languages"),
    ],
    "words of documents": [
        (60_800, "the size at which budgets began, and 5 %"),
        (700, "how accounts are vouched for, what is withdrawn at once, what a letter reveals"),
        (550, "the intake worker: why it is no job, how it is run, watched and upgraded to"),
        (500, "which accounts on apps have keys, one address a line, how the watch reads the state of keys"),
        (600, "keys of masks, inventories of logs and monitoring, runs compared for privacy"),
        (900, "marks about oneself, nights, a further look, themes of crisis words"),
        (3_000, "how letters, answers, calls, inboxes and releases of words work, and their decisions"),
        (260, "the id of an account in the log, a load of everything, a way back that daily work outlasts"),
        (-1_800, "each fact once among guides, decisions and SECURITY.md, verbs of the life model by module"),
        (300, "how the police answer, and get letters before a verdict"),
        (150, "how a claim on a child in danger ends, and what a content warning holds for"),
        (360, "which key shows what, and what a reveal counts"),
        (200, "what the analysts' desk shows once, marks and folds"),
        (300, "how a systemic case is sent, answered and overdue"),
        (200, "how the sample of a flood is read on one page"),
        (150, "how another abuse contact is decided, and what one preview confirms"),
        (2_200, "how partners' systems send reports, what they learn, and who may attack this door"),
        (300, "how a mixed batch is drawn, and how a trace is suggested and brings a contact"),
        (250, "danger before a flood: what a mark weakens"),
        (850, "the first day, guides with pictures, notes on upgrades, how a language is opened and reviewed"),
        (950, "how the history of a former system is imported, and why it is no verdict"),
        (1_700, "a database that fails over alone, what one machine carries, engines that were considered"),
        (450, "a runbook for each check, and what is unknown"),
        (450, "scripts that are cut off, what they leave, backing up and restoring with one command"),
        (250, "what waits for intake as a band, and why a month’s content is no partition"),
        (-4_400, "limits, decisions, guides and tables of results: each fact once, nothing that a page itself shows"),
        (800, "the figures of a shift walked by keyboard, and keys that users notice"),
        (-3_270, "the first release in short, each limit once, figures by goal: what is reached, and 5 %"),
        (80, "which lists work returns to, and who is unnamed in a disagreement"),
        (-2_780, "steps that the install script takes, what a block says itself, facts of one guide in another"),
    ],
    "tables": [
        (109, "the size at which budgets began, and 5 %"),
        (3, "law, senders, calls, inboxes and releases beside what other tables freed"),
        (5, "sources, their keys, reports, requests and days"),
        (3, "history imports, their sealed files and cases"),
        (1, "ids in the audit log, with their accounts"),
    ],
    "routes": [
        (332, "the size at which budgets began, and 5 %"),
        (18, "pages of law, senders, calls, inboxes and releases, and the page about letters"),
        (2, "outcomes of one's own cases, contacts to talk to"),
        (2, "reporters' words and related addresses, each on a key of its own"),
        (3, "the page of systemic cases, sending and answering one"),
        (3, "partners' systems, one of them, closing its key"),
        (1, "the decision about another abuse contact"),
        (7, "the pages of history imports, four acts on one, and opening a case of it"),
        (2, "asking whose an id in the audit log is, and the answer"),
        (1, "sentences released before a referral, in an inbox"),
    ],
}


@pytest.fixture(scope="module")
def measures() -> Counter[str]:
    measures, _rooms = measure_files()
    return measures + measure_site()


def test_every_measure_has_a_budget(measures: Counter[str]) -> None:
    assert measures.keys() == BUDGETS.keys()


@pytest.mark.parametrize("measure", BUDGETS)
def test_size_is_within_its_budget(measure: str, measures: Counter[str]) -> None:
    assert measures[measure] <= sum(number for number, _reason in BUDGETS[measure])


def test_every_row_of_a_budget_says_what_it_bought() -> None:
    assert all(len(reason.split()) > 3 for rows in BUDGETS.values() for _number, reason in rows)


def test_functions_are_short() -> None:
    long = [
        f"{path}:{node.lineno} {node.name}"
        for path in filter(is_product, list_files())
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= MOST_LINES_OF_A_FUNCTION
    ]
    assert long == []


def test_folders_hold_few_modules() -> None:
    folders = Counter(str(path.parent) for path in filter(is_product, list_files()))
    assert {folder: number for folder, number in folders.items() if number > MOST_MODULES_OF_A_FOLDER} == {}
