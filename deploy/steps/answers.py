"""What an installation is asked, and the file that answers can come from.

A file has a line for each answer, NAME=VALUE. The value is the rest of the line as it is, without quotes: any character
but a line break may be in it. Lines that begin with # are remarks.
"""

import getpass
import re
import sys
import zoneinfo
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.steps.machine import StepRefused, write_file

SAVED = Path("/etc/portals/answers")
HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
MAIL = re.compile(r"[^@\s,\"<>]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+")
HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F]*:[0-9a-fA-F:]+")
# Typed to a question that has a default and may be left empty.
NOTHING = "-"
AGE = re.compile(r"age1[0-9a-z]{20,100}")

type Check = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Question:
    """`wrong` completes "NAME must be ...". `only_with`: asked where that answer is not empty (or is the one given)."""

    name: str
    text: str
    default: str = ""
    is_valid: Check = bool
    wrong: str = "not empty"
    only_with: tuple[str, str] | None = None
    secret: bool = False


def _matches(pattern: re.Pattern[str], *, empty: bool = False) -> Check:
    return lambda value: (empty and not value) or pattern.fullmatch(value) is not None


def _is_list_of(pattern: re.Pattern[str]) -> Check:
    return lambda value: all(pattern.fullmatch(each.strip()) for each in value.split(",")) if value else True


def _is_time_zone(value: str) -> bool:
    try:
        return value != "UTC" and bool(zoneinfo.ZoneInfo(value))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _is_one_of(*allowed: str) -> Check:
    return lambda value: value in allowed


QUESTIONS = (
    Question("HOTLINE_NAME", "The hotline's name, as every public page shows it"),
    Question("PUBLIC_HOST", "Host name for reporters", "", _matches(HOST), "a host name such as report.example.org"),
    Question("STAFF_HOST", "Host name for staff", "", _matches(HOST), "a host name such as staff.example.org"),
    Question(
        "MEMBERS_HOST",
        "Host name of the URL list for members; empty for none",
        "",
        _matches(HOST, empty=True),
        "empty or a host name such as list.example.org",
    ),
    Question(
        "WORK_TIME_ZONE", "The analysts' time zone", "", _is_time_zone, "the name of a place such as Europe/London"
    ),
    Question(
        "CUT_OFF",
        "Time of day after which no new work is started; empty for none",
        "16:00",
        _matches(HOUR, empty=True),
        "empty or a time such as 16:00",
    ),
    Question(
        "HOTLINE_COUNTRY", "The hotline's own country", "GB", _matches(re.compile("[A-Z]{2}")), "two capital letters"
    ),
    Question("SOURCE_URL", "Where the source code is published; empty for nowhere", "", lambda value: True),
    Question("MAIL_FROM", "Sender of mail; its mail must be read", "", _matches(MAIL), "an e-mail address"),
    Question("ALERT_EMAILS", "Who gets a mail when a child is in danger now", "", _is_list_of(MAIL), "addresses"),
    Question(
        "OPERATIONS_EMAILS",
        "Who gets a mail when something is not in order; empty for the same",
        "",
        _is_list_of(MAIL),
        "e-mail addresses",
    ),
    Question(
        "MAIL_HOST",
        "Name of the mail server; empty for no mail",
        "",
        _matches(HOST, empty=True),
        "empty or a host name such as mail.example.org",
    ),
    Question(
        "MAIL_ADDRESS",
        "IP address of the mail server: the only one that the worker may reach",
        "",
        _matches(ADDRESS),
        "an IP address",
        ("MAIL_HOST", ""),
    ),
    Question(
        "MAIL_PORT",
        "Port of the mail server",
        "465",
        _matches(re.compile(r"\d{1,5}")),
        "a number",
        ("MAIL_HOST", ""),
    ),
    Question(
        "MAIL_USER", "User name at the mail server; empty for none", "", lambda value: True, "", ("MAIL_HOST", "")
    ),
    Question(
        "MAIL_PASSWORD", "Its password; empty for none", "", lambda value: True, "", ("MAIL_USER", ""), secret=True
    ),
    Question(
        "CERTIFICATES",
        "Certificates: `own` (in /etc/portals/tls), `acme` (fetched with certbot) or `trial` (self-signed)",
        "own",
        _is_one_of("own", "acme", "trial"),
        "own, acme or trial",
    ),
    Question(
        "ACME_MAIL", "E-mail address for the certificate authority", "", _matches(MAIL), "an e-mail address",
        ("CERTIFICATES", "acme"),
    ),
    Question(
        "DATABASE_RECIPIENT",
        "Public key (age1...) for backups of the database; empty for later",
        "",
        _matches(AGE, empty=True),
        "empty or a key that begins with age1",
    ),
    Question(
        "KEYRING_RECIPIENT",
        "Public key (age1...) for backups of the keys, of another person; empty for later",
        "",
        _matches(AGE, empty=True),
        "empty or a key that begins with age1",
    ),
)  # fmt: skip


def read_answers(path: Path) -> dict[str, str]:
    """The answers in a file. Raises StepRefused for a line or a name that it cannot have."""
    known = {each.name for each in QUESTIONS}
    found: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or name not in known:
            raise StepRefused(f"{path}, line {number}: {name[:40]!r} is not the name of an answer.")
        if name in found:
            raise StepRefused(f"{path}, line {number}: {name} is answered twice.")
        found[name] = value
    return found


def save_answers(answers: Mapping[str, str], path: Path = SAVED) -> bool:
    """Keep the answers for the next run, without secrets. False where they were kept already."""
    kept = [each.name for each in QUESTIONS if each.name in answers and not each.secret]
    text = "# Answers to deploy/install, for its next run.\n" + "".join(f"{name}={answers[name]}\n" for name in kept)
    return write_file(path, text.encode(), 0o600)


def find_faults(answers: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the answers, a sentence each."""
    for question in QUESTIONS:
        value = answers.get(question.name, "")
        if is_asked(question, answers) and (not question.is_valid(value) or not value.isprintable()):
            yield f"{question.name} must be {question.wrong}, not {value!r}."
    hosts = [answers[name] for name in ("PUBLIC_HOST", "STAFF_HOST", "MEMBERS_HOST") if answers.get(name)]
    if len(set(hosts)) < len(hosts):
        yield "Each host name must be different: they keep reporters, staff and members apart."
    recipients = [answers[name] for name in ("DATABASE_RECIPIENT", "KEYRING_RECIPIENT") if answers.get(name)]
    if len(set(recipients)) < len(recipients):
        yield "The two backups need keys of two people: who has both can read every report."


def is_asked(question: Question, answers: Mapping[str, str]) -> bool:
    if question.only_with is None:
        return True
    name, wanted = question.only_with
    return bool(answers.get(name)) if not wanted else answers.get(name) == wanted


def ask_all(known: Mapping[str, str], ask: Callable[[Question, str], str]) -> dict[str, str]:
    """Ask every question that applies, with the known answer as default, until its answer is one it can have."""
    answers: dict[str, str] = {}
    for question in QUESTIONS:
        if not is_asked(question, answers):
            continue
        while True:
            answers[question.name] = ask(question, known.get(question.name, question.default))
            if question.is_valid(answers[question.name]) and answers[question.name].isprintable():
                break
            print(f"It must be {question.wrong}.", file=sys.stderr)
    return answers


def ask_in_terminal(question: Question, default: str) -> str:
    """What is typed; the Enter key alone keeps the default, and where nothing is an answer too, NOTHING gives it."""
    kept = "kept" if question.secret else default
    may_be_empty = bool(default) and question.is_valid("")
    shown = f"{question.text} [{kept}{f'; {NOTHING} for none' if may_be_empty else ''}]" if default else question.text
    typed = getpass.getpass(f"{shown}: ") if question.secret else input(f"{shown}: ")
    return "" if may_be_empty and typed == NOTHING else typed or default


def complete_answers(given: Mapping[str, str]) -> dict[str, str]:
    """Answers of a file with the defaults of what it does not name. Raises StepRefused with all faults."""
    answers = {each.name: given.get(each.name, each.default) for each in QUESTIONS}
    check_answers(find_faults(answers))
    return answers


def check_answers(faults: Iterable[str]) -> None:
    if found := list(faults):
        raise StepRefused("\n".join(found))
