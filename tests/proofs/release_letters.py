"""Letters and replies in the machine of the proof `releases`: a mail server, recipients who answer, staff who send."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import TypedDict

from deploy.steps.answers import is_asked
from deploy.steps.questions import QUESTIONS
from tests.proofs.machines import Machine
from tests.proofs.rehearsal import ROOT
from tests.proofs.result import Figure, at_least, at_most, equal_to

FOLDER = "/srv/rehearsal"
# Programs that are put into the machine, each a file that needs nothing but Debian's Python or the installation's.
PROGRAMS = (
    "tests.proofs.visitor",
    "tests.proofs.load_at_home",
    "tests.proofs.replies_at_home",
    "tests.proofs.mail_at_home",
    "tests.proofs.inside.letters",
    "tests.proofs.inside.filled",
)
ANSWERS = {
    # Work goes on at any hour of the rehearsal.
    "CUT_OFF": "-",
    "ALERT_EMAILS": "duty@example.org",
    "MAIL_HOST": "mail.example.org",
    "MAIL_ADDRESS": "127.0.0.1",
}
DESK = "import sys; sys.path.insert(0, '{folder}'); import letters; letters.{call}"


class StaffState(TypedDict):
    """As `tests.proofs.inside.letters.read_state` prints it."""

    verdicts: int
    letters: list[str]
    unsent: int
    replies: list[str]
    event: int


def put_programs(machine: Machine) -> None:
    machine.run(f"mkdir -p {FOLDER}; chmod 755 {FOLDER}")
    for name in PROGRAMS:
        machine.put(ROOT.joinpath(*name.split(".")).with_suffix(".py"), FOLDER)


def start_mail_server(machine: Machine) -> None:
    """A server whose certificate the machine trusts, as it trusts a public one's."""
    name = "-subj /CN=mail.example.org -addext subjectAltName=DNS:mail.example.org"
    files = f"-keyout {FOLDER}/mail.key -out /usr/local/share/ca-certificates/mail.crt"
    made = f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 {name} {files} 2>/dev/null"
    serve = f"python3 {FOLDER}/mail_at_home.py /usr/local/share/ca-certificates/mail.crt {FOLDER}/mail.key"
    machine.run(
        f"{made}; update-ca-certificates >/dev/null; : >{FOLDER}/mails\n"
        f"setsid {serve} {FOLDER}/mails >{FOLDER}/mail.log 2>&1 </dev/null &"
    )


def type_answers(machine: Machine) -> tuple[str, int]:
    """An administrator's answers to the questions of the second run, with mail and backups, and how many they are.

    Every other answer is kept with the Enter key.
    """
    keys = machine.run(
        "mkdir -p /root/elsewhere; for kind in database keyring; do "
        "[ -e /root/elsewhere/$kind ] || age-keygen -o /root/elsewhere/$kind 2>/dev/null; "
        "age-keygen -y /root/elsewhere/$kind; done"
    ).stdout.split()
    given = {**ANSWERS, "DATABASE_RECIPIENT": keys[0], "KEYRING_RECIPIENT": keys[1]}
    kept = {"CERTIFICATES": "trial"}
    lines = [given.get(each.name, "") for each in QUESTIONS if is_asked(each, kept | given)]
    return "".join(f"{line}\n" for line in lines), len(lines)


def fill_database(machine: Machine, incidents: int) -> Figure:
    """The benchmark's incidents, beside those that reporters send later. Raises RuntimeError."""
    machine.put(ROOT / "tests" / "benchmarks", f"{FOLDER}/tests")
    settings = (
        "SURFACE=staff SECRET_KEY=while-the-tables-are-filled-and-never-to-sign-anything ALLOWED_HOSTS=localhost"
        " KEYRING=/var/lib/portals/keyring 'DATABASE_URL=postgres://postgres@/portals?host=/run/postgresql'"
    )
    fill = f"/srv/portals/.venv/bin/python {FOLDER}/filled.py {incidents}"
    command = f"cd {FOLDER}; runuser -u postgres -- env PYTHONDONTWRITEBYTECODE=1 {settings} {fill}"
    return at_least("incidents in the database", int(_last_line(machine, command, "fill_database")), incidents)


def start_replies(machine: Machine) -> None:
    answer = f"python3 {FOLDER}/replies_at_home.py report.example.org {FOLDER}"
    machine.run(f"setsid {answer} >{FOLDER}/replies.log 2>&1 </dev/null &")


def send_letters(machine: Machine, portal: str, number: int) -> None:
    """Staff assess reports, and letters leave; recipients answer through their links. Raises RuntimeError."""
    for _ in range(number):
        link = _ask_staff(machine, f"send_letter('{FOLDER}', '{portal}')")
        machine.run(f"echo '{link}' >>{FOLDER}/links")


def read_state(machine: Machine) -> StaffState:
    state: StaffState = json.loads(_ask_staff(machine, "read_state()"))
    return state


def _ask_staff(machine: Machine, call: str) -> str:
    code = DESK.format(folder=FOLDER, call=call)
    return _last_line(machine, f'/srv/portals/deploy/manage staff shell --no-imports --command "{code}"', call)


def _last_line(machine: Machine, command: str, name: str) -> str:
    """The last line that a command printed. Raises RuntimeError with its name where it fails or prints nothing."""
    result = machine.run(command)
    lines: list[str] = result.stdout.strip().splitlines()
    if result.returncode or not lines:
        raise RuntimeError(f"{name}: {result.stdout[-1500:]}")
    return lines[-1]


def count_replies(machine: Machine) -> int:
    return len(machine.run(f"cat {FOLDER}/replies 2>/dev/null").stdout.splitlines())


def reply_figures(machine: Machine, during: str, since: int, longest: float) -> Iterator[Figure]:
    """The replies acknowledged since that staff do not have."""
    rows = [json.loads(line) for line in machine.run(f"cat {FOLDER}/replies").stdout.splitlines()[since:]]
    kept = {*read_state(machine)["replies"]}
    yield at_least(f"{during}: recipients' replies acknowledged", len(rows), 1)
    yield at_most(f"{during}: longest wait of a recipient", max((row[1] for row in rows), default=0.0), longest, "s")
    yield equal_to(f"{during}: acknowledged replies lost", sum(row[0] not in kept for row in rows), 0)


def kept_figures(during: str, before: StaffState, after: StaffState) -> Iterator[Figure]:
    """Acts of staff on the newer release, and what the older one has of it."""
    yield at_least(f"{during}: verdicts kept", after["verdicts"], before["verdicts"])
    missing = {*before["letters"]} - {*after["letters"]}
    yield equal_to(f"{during}: letters that left, no longer known", len(missing), 0)
    yield at_least(f"{during}: number of the newest audit event", after["event"], before["event"])


def letter_figures(machine: Machine, number: int) -> Iterator[Figure]:
    """Each letter at the mail server, once."""
    letters, state = _await_letters(machine, number)
    yield equal_to("letters sent before, between and after", len(letters), number)
    yield equal_to("letters that left twice", sum(times > 1 for times in letters.values()), 0)
    yield equal_to("letters that wait", state["unsent"], 0)


def _await_letters(machine: Machine, number: int) -> tuple[Counter[str], StaffState]:
    """The letters that the mail server has and staff know as sent, a few minutes at most after the last was due.

    The server also has mails of other kinds, such as the one that tried it.
    """
    for _ in range(60):
        mails, state = machine.run(f"cat {FOLDER}/mails").stdout.split(), read_state(machine)
        letters = Counter(mail for mail in mails if mail in state["letters"])
        if len(letters) >= number:
            break
        machine.run("sleep 2")
    return letters, state
