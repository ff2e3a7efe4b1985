"""Allow-lists of lines that processes write for people: those of logs, and those of mails."""

import builtins
import re
import subprocess
import sysconfig
from email import message_from_bytes
from email.policy import default
from functools import cache
from pathlib import Path

from tests.proofs.privacy.allowed import FACTS, LINES, MAIL_LINES
from tests.proofs.stack import ROOT

# Django makes these for each model.
OF_MODELS = ("DoesNotExist", "MultipleObjectsReturned")
APPS = ("audit", "countries", "reports", "analysts", "portal_site", "tests")
HEAD = r"\d{4}-\d\d-\d\dT\d\d:00 (?:DEBUG|INFO|WARNING|ERROR|CRITICAL) [a-z_]+(?:\.\w+)*"
PLACE = r"/[\w./+@-]+\.py:\d+|<frozen [\w.]+>:\d+"
LINE = re.compile(rf"{HEAD}(?: status=\d{{3}})?(?: (?:{'|'.join(FACTS)}))?(?: (?P<error>[A-Z]\w+))?(?: (?:{PLACE}))*")


def read_odd_lines(folder: Path) -> list[str]:
    """Lines of the logs of serving processes and of the workers that are not of the form of `portal_site.logging`, or
    name a file or an error that does not exist, by file and number."""
    found = []
    for name, known in LINES.items():
        path = folder / "logs" / f"{name}.log"
        if not path.exists():
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if not any(re.fullmatch(each, line) for each in known) and not _is_usual(line):
                found.append(f"logs/{path.name}:{number}")
    return found


def _is_usual(line: str) -> bool:
    match = LINE.fullmatch(line)
    if match is None or not all(Path(place).is_file() for place in re.findall(r"(/\S+\.py):\d+", line)):
        return False
    return match["error"] is None or is_class(match["error"])


@cache
def is_class(name: str) -> bool:
    """Whether a built-in class, or one in the code of the product or of its libraries, has this name."""
    if hasattr(builtins, name) or name in OF_MODELS:
        return True
    folders = [str(ROOT / app) for app in APPS] + [sysconfig.get_paths()["purelib"]]
    command = ["grep", "-rqE", rf"^\s*class {name}\b", "--include=*.py", *folders]
    return subprocess.run(command, check=False).returncode == 0


# --- Mails ------------------------------------------------------------------------------------------


def read_odd_mails(folder: Path) -> list[str]:
    """Mails with a subject, or with a line of text, that is not on the list, by file and number of the line."""
    found = []
    for path in sorted((folder / "mail").glob("*.eml")):
        _envelope, _empty, content = path.read_bytes().partition(b"\n\n")
        mail = message_from_bytes(content, policy=default)
        text = mail.get_body(("plain",))
        lines = [str(mail["Subject"]), *(text.get_content().splitlines() if text else [])]
        found += [
            f"an odd line: mail/{path.name}:{number}"
            for number, line in enumerate(lines)
            if not any(re.fullmatch(each, line) for each in MAIL_LINES)
        ]
    return found
