"""Answers to the questions of an installation, and the file that answers can come from.

A file has a line for each answer, NAME=VALUE. The value is the rest of the line: any character but a line break may be
in it. Quotes around the whole of it are taken off. Lines that begin with # are remarks.
"""

import getpass
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from deploy.steps.machine import StepRefused, write_file
from deploy.steps.questions import NOTHING, QUESTIONS, InstallQuestion

SAVED = Path("/etc/portals/answers")


def read_answers(path: Path) -> dict[str, str]:
    """The answers in a file. Raises StepRefused for a line or a name that it cannot have."""
    names = {question.name for question in QUESTIONS}
    answers: dict[str, str] = {}
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise StepRefused(f"{path} is no text in UTF-8.") from error
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or name not in names:
            raise StepRefused(f"{path}, line {number}: {name[:40]!r} is not the name of an answer.")
        if name in answers:
            raise StepRefused(f"{path}, line {number}: {name} is answered twice.")
        answers[name] = take_quotes_off(value)
    return answers


def take_quotes_off(value: str) -> str:
    """The value without a pair of quotes around it, such as a shell's; quotes inside it stay."""
    for quote in ('"', "'"):
        if len(value) > 1 and value[0] == value[-1] == quote and quote not in value[1:-1]:
            return value[1:-1]
    return value


def read_saved_answers() -> dict[str, str]:
    """The answers of the last run; none on a machine that was installed by hand. Raises StepRefused."""
    return read_answers(SAVED) if SAVED.exists() else {}


def save_answers(answers: Mapping[str, str], path: Path) -> bool:
    """Keep the answers for the next run, without secrets. False where they were kept already."""
    names = [question.name for question in QUESTIONS if question.name in answers and not question.secret]
    text = "# Answers to deploy/install, for its next run.\n" + "".join(f"{name}={answers[name]}\n" for name in names)
    return write_file(path, text.encode(), 0o600)


def find_faults(answers: Mapping[str, str]) -> Iterator[str]:
    """The faults of the answers, a sentence each."""
    for question in QUESTIONS:
        value = answers.get(question.name, "")
        if is_asked(question, answers) and (not question.form.is_valid(value) or not value.isprintable()):
            yield f"{question.name} must be {question.form.requirement}, not {value!r}."
    hosts = [answers[name] for name in ("PUBLIC_HOST", "STAFF_HOST", "MEMBERS_HOST") if answers.get(name)]
    if len(set(hosts)) < len(hosts):
        yield "Each host name must be different: they keep reporters, staff and members apart."
    recipients = [answers[name] for name in ("DATABASE_RECIPIENT", "KEYRING_RECIPIENT") if answers.get(name)]
    if len(set(recipients)) < len(recipients):
        yield "The two backups need keys of two people: who has both can read every report."
    if len(recipients) == 1:
        yield "DATABASE_RECIPIENT and KEYRING_RECIPIENT go together: one backup without the other opens nothing."
    if not answers.get("MAIL_HOST"):
        for name in ("ALERT_EMAILS", "OPERATIONS_EMAILS"):
            if answers.get(name):
                yield f"{name} needs MAIL_HOST: without a mail server no mail can be sent."
    if answers.get("MAIL_PASSWORD") and not answers.get("MAIL_USER"):
        yield "MAIL_PASSWORD needs MAIL_USER."


def is_for_role(question: InstallQuestion, answers: Mapping[str, str]) -> bool:
    return not question.roles or answers.get("ROLE", "one") in question.roles


def is_asked(question: InstallQuestion, answers: Mapping[str, str]) -> bool:
    if not is_for_role(question, answers):
        return False
    if question.only_with is None:
        return True
    name, value = question.only_with
    return bool(answers.get(name)) if not value else answers.get(name) == value


def ask_all(saved: Mapping[str, str], ask: Callable[[InstallQuestion, str], str]) -> dict[str, str]:
    """Ask every question that applies, with the known answer as default, until its answer is one it can have."""
    answers: dict[str, str] = {}
    for question in QUESTIONS:
        if not is_asked(question, answers):
            continue
        while True:
            answers[question.name] = take_quotes_off(ask(question, saved.get(question.name, question.default)))
            if question.form.is_valid(answers[question.name]) and answers[question.name].isprintable():
                break
            print(f"It must be {question.form.requirement}.", file=sys.stderr)
    return answers


def ask_in_terminal(question: InstallQuestion, default: str) -> str:
    """The typed text; the Enter key alone keeps the default, and where nothing is an answer too, NOTHING gives it."""
    default_label = "kept" if question.secret else default
    may_be_empty = bool(default) and question.form.is_valid("")
    prompt = (
        f"{question.text} [{default_label}{f'; {NOTHING} for none' if may_be_empty else ''}]"
        if default
        else question.text
    )
    typed = getpass.getpass(f"{prompt}: ") if question.secret else input(f"{prompt}: ")
    return "" if may_be_empty and typed == NOTHING else typed or default


def complete_answers(partial: Mapping[str, str]) -> dict[str, str]:
    """Answers with the defaults of what is not named, "" for another machine's. Raises StepRefused with all faults."""
    answers = {question.name: partial.get(question.name, question.default) for question in QUESTIONS}
    check_answers(find_faults(answers))
    return {question.name: answers[question.name] if is_for_role(question, answers) else "" for question in QUESTIONS}


def check_answers(faults: Iterable[str]) -> None:
    if fault_list := list(faults):
        raise StepRefused("\n".join(fault_list))
