"""The lists of the privacy proof: what they refuse, each by its own rule, without an installation."""

import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.proofs.privacy import calls, lines
from tests.proofs.privacy.allowed import find_tasks
from tests.proofs.privacy.calls import CallRecorder
from tests.proofs.privacy.kinds import administration
from tests.proofs.privacy.lines import read_odd_lines
from tests.proofs.privacy.spelled import UNKNOWN_SPELLINGS
from tests.proofs.privacy.writes import FileState, compare_folders, read_folder, without_names
from tests.proofs.result import NotPossibleHere
from tests.rig.python_files import APPS, python_files

PLACES = {"folder": "/srv/tried", "python": "/usr/bin/python3", "nginx": "/usr/sbin/nginx", "mail": "2525"}
DATABASE = 'connect(7<socket:[1]>, {sa_family=AF_UNIX, sun_path="/srv/tried/postgres/.s.PGSQL.5432"}, 110) = 0'
ALLOWED = (
    'openat(AT_FDCWD</srv/tried>, "/srv/code/settings.py", O_RDONLY|O_CLOEXEC) = 3</srv/code/settings.py>',
    "ioctl(3</srv/code/settings.py>, TCGETS, 0x7ffe) = -1 ENOTTY (Inappropriate ioctl for device)",
    DATABASE,
    'sendto(7<socket:[1]>, ""..., 90, MSG_NOSIGNAL, NULL, 0 <unfinished ...>',
    "utimensat(6</dev/shm/wgunicorn-k2v7>(deleted), NULL, [...], 0) = 0",
    'unlink("/dev/shm/wgunicorn-k2v7" <unfinished ...>',
    "prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN) = 1",
)
TO_ELSEWHERE = '{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("192.0.2.1")}, 16)'
REFUSED = {
    'openat(AT_FDCWD</srv/tried>, "/srv/tried/home/x", O_WRONLY|O_CREAT, 0666) = 3': "openat in /srv/tried/home",
    'creat("/tmp/x", 0666 <unfinished ...>': "creat in /tmp",
    'rename("/srv/tried/run/public.sock", "/srv/tried/run/x") = 0': "rename in /srv/tried/run",
    'utimensat(AT_FDCWD</srv/tried>, "/srv/tried/logs/public.log", [...], 0) = 0': "utimensat in /srv/tried/logs",
    "utimensat(9</srv/tried/logs/public.log>, NULL, [...], 0) = 0": "utimensat",
    'setxattr("/srv/tried/run/public.sock", "user.x", ""..., 5, 0) = 0': "setxattr in /srv/tried/run",
    f"connect(7<socket:[1]>, {TO_ELSEWHERE} = -1 EINPROGRESS (Operation now in progress)": "connect AF_INET 80",
    'connect(7<socket:[1]>, {sa_family=AF_UNIX, sun_path="/run/elsewhere.sock"}, 110) = 0': "connect in /run",
    f'sendto(7<socket:[1]>, ""..., 5, 0, {TO_ELSEWHERE} = 5': "sendto AF_INET 80",
    "socket(AF_INET6, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP) = 5<socket:[2]>": "socket",
    f"bind(5<socket:[2]>, {TO_ELSEWHERE} = 0": "bind AF_INET 80",
    'execve("/usr/bin/curl", [...], 0x7f /* 20 vars */) = 0': "execve in /usr/bin",
    "io_uring_setup(8, 0x7f) = 5<anon_inode:[io_uring]>": "io_uring_setup",
    'add_key("user", ""..., ""..., 5, KEY_SPEC_SESSION_KEYRING) = 1': "add_key",
    "ioctl(0</dev/pts/0>, TIOCSTI, [0x78]) = 0": "ioctl",
    'prctl(PR_SET_NAME, ""...) = 0': "prctl",
}


@pytest.fixture
def recorder(tmp_path: Path) -> CallRecorder:
    """With an empty record of the public surface."""
    record = tmp_path / "public-0"
    record.touch()
    return CallRecorder(tmp_path, strace=["strace"], started={record: "public"})


def judge(recorder: CallRecorder, *lines: str) -> list[str]:
    [record] = recorder.started
    record.write_text("".join(f"4711  {line}\n" for line in lines))
    assert recorder.count_calls().total() == len(lines)
    return [str(call).removeprefix("public: ") for call in recorder.find_unlisted(PLACES)]


def test_calls_of_the_list_are_no_finding(recorder: CallRecorder) -> None:
    assert judge(recorder, *ALLOWED) == []


@pytest.mark.parametrize("line", REFUSED)
def test_any_other_call_is_a_finding_that_names_no_file(recorder: CallRecorder, line: str) -> None:
    assert judge(recorder, DATABASE, line) == [REFUSED[line]]


def test_only_the_worker_connects_to_the_mail_server(recorder: CallRecorder) -> None:
    [record] = recorder.started
    mail = 'connect(7<socket:[1]>, {sa_family=AF_INET, sin_port=htons(2525), sin_addr=inet_addr("127.0.0.1")}, 16)'
    assert judge(recorder, mail) == ["connect AF_INET 2525"]
    recorder.started[record] = "worker"
    assert judge(recorder, mail) == []


def test_user_name_is_looked_up_at_the_start_and_at_a_reload_only(recorder: CallRecorder) -> None:
    look_up = 'openat(AT_FDCWD</srv/tried>, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3</etc/passwd>'
    assert judge(recorder, look_up, DATABASE, look_up) == []
    assert judge(recorder, look_up, DATABASE, look_up, look_up, look_up) == ["getpwnam"]


def test_process_is_recorded_from_its_start_with_its_children(tmp_path: Path) -> None:
    try:
        recorder = CallRecorder(tmp_path)
    except NotPossibleHere as reason:
        pytest.skip(str(reason))
    code = f"import os; os.fork() or open({str(tmp_path / 'leak')!r}, 'w'); os._exit(0)"
    command = recorder.wrap_command("public", [sys.executable, "-c", code])
    subprocess.run(command, check=True)
    recorder.wait()
    assert any(str(tmp_path / "leak") in call.text for call in recorder.find_unlisted(PLACES))


def test_machine_without_the_recorder_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "FOLDERS", "/nonexistent")
    with pytest.raises(NotPossibleHere, match="make tools"):
        calls.find_strace()


FILE = FileState(stat.S_IFREG | 0o644, 10, 1, 1)
FOLDER = FileState(stat.S_IFDIR | 0o755, 0, 1, 1)
LATER = FileState(stat.S_IFREG | 0o644, 20, 2, 2)
DATED = FileState(stat.S_IFREG | 0o644, 20, 7, 2)


@pytest.mark.parametrize(
    ("name", "before", "after", "found"),
    [
        ("logs/public.log", FILE, LATER, ""),
        ("postgres/base/16384/2619_fsm", None, FILE, ""),
        ("mail/0001.eml", None, FILE, ""),
        ("logs", FOLDER, FileState(FOLDER.mode, 0, 2, 2), ""),
        ("home/x", None, FILE, "new: home/x"),
        ("mail/x.eml", None, FILE, "new: mail/x.eml"),
        ("postgres/base/16384/x", None, FILE, "new: postgres/base/16384/x"),
        ("keyring/public/x.pub", FILE, None, "removed: keyring/public/x.pub"),
        ("static/public.css", FILE, LATER, "changed: static/public.css"),
        ("static/public.css", FILE, FileState(FILE.mode, 10, 2, 2), "times: static/public.css"),
        # A file was made there and removed.
        ("tmp", FOLDER, FileState(FOLDER.mode, 0, 2, 2), "times: tmp"),
        ("logs/public.log", FILE, DATED, "a time of its own: logs/public.log"),
    ],
)
def test_file_that_no_list_allows_is_a_finding(
    name: str, before: FileState | None, after: FileState | None, found: str
) -> None:
    states = [{name: state} if state else {} for state in (before, after)]
    assert compare_folders(*states) == ([found] if found else [])


def test_state_of_a_folder_is_that_of_everything_in_it(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "public.log").write_text("words")
    (tmp_path / "link").symlink_to("/nowhere")
    states = read_folder(tmp_path)
    assert sorted(states) == ["link", "logs", "logs/public.log"]
    assert states["logs/public.log"].size == 5


def test_findings_name_neither_files_nor_objects() -> None:
    for finding, shown in {
        "new: home/what-was-leaked": "new: in home",
        "relation public.what_was_leaked": "relation",
        "worker: UPDATE countries_portal state": "worker: UPDATE countries_portal state",
        "an odd value: reports_submission sealed": "an odd value: reports_submission sealed",
        "an odd line: logs/public.log:7": "an odd line: logs/public.log:7",
        "an odd connection: portals_public": "an odd connection: portals_public",
    }.items():
        assert without_names(finding) == shown


USUAL = f"2026-11-27T18:00 ERROR django.request status=500 {__file__}:1"
STORED = f"2026-11-27T18:00 ERROR reports.views.database a submission was not stored OperationalError {__file__}:1"


@pytest.mark.parametrize(
    ("line", "odd"),
    [
        (USUAL, False),
        (STORED, False),
        (f"{USUAL} placeholder", True),
        (USUAL.replace(__file__, "/placeholder.py"), True),
        (USUAL.replace("18:00", "18:31"), True),
        (STORED.replace("a submission", "a placeholder"), True),
        # A class that exists, in a library, in the product, of every model; and one that does not.
        (STORED.replace("OperationalError", "NoOpenKey"), False),
        (STORED.replace("OperationalError", "DoesNotExist"), False),
        (STORED.replace("OperationalError", "K3VKNqDL2Lcyk"), True),
        (f"{USUAL.replace(__file__, '')[:-2]}ValueErrors {__file__}:1", True),
        ("placeholder", True),
        ("", True),
    ],
)
def test_line_that_is_not_of_the_form_is_a_finding(tmp_path: Path, line: str, odd: bool) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "public.log").write_text(f"{USUAL}\n{line}\n")
    assert read_odd_lines(tmp_path) == (["logs/public.log:2"] if odd else [])


def test_worker_may_say_that_it_begins_and_nothing_else_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    text = "Launching a worker on files\nplaceholder words\nDatabase error.\n"
    (tmp_path / "logs" / "worker.log").write_text(text)
    assert read_odd_lines(tmp_path) == ["logs/worker.log:2", "logs/worker.log:3"]


def test_mail_with_a_line_or_subject_that_is_not_listed_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    usual, danger = (
        "Reporting portals: please check the queue",
        "Child in danger now, according to a report: 1 incident.",
    )
    for number, (subject, text) in enumerate(
        (
            (usual, danger),
            (usual, danger.replace("a report: 1 incident", "reports: 14 incidents")),
            (usual, f"{danger} 3VKNqDL2Lcyk"),
            (usual, f"{danger}\n3VKNqDL2Lcyk"),
            ("3VKNqDL2Lcyk", danger),
        ),
        1,
    ):
        mail = f"From <portals@localhost>\nTo <duty@example.org>\n\nSubject: {subject}\n\n{text}\n"
        (tmp_path / "mail" / f"000{number}.eml").write_text(mail)
    assert lines.read_odd_mails(tmp_path) == [
        f"an odd line: mail/{each}" for each in ("0003.eml:1", "0004.eml:2", "0005.eml:0")
    ]


def test_every_job_of_the_worker_has_a_row_and_is_found_by_the_kind() -> None:
    """By its decorator: a change of how jobs are written would silently run none."""
    text = administration.JOBS.read_text()
    assert len(administration.JOB.findall(text)) == text.count("\n@every(") > 20
    assert {"take_in_replies", "send_alarms"} < set(find_tasks())


def test_log_facts_are_those_of_the_code() -> None:
    """Every constant that a log call adds is on the list, or lines with it would fail a proof that holds."""
    found = [
        fact.replace("{what}", "a submission")
        for path in python_files(*APPS)
        for fact in re.findall(r'"fact": f?"([^"]+)"', path.read_text(encoding="utf-8"))
        if fact != "..."
    ]
    assert len(found) > 10
    assert [fact for fact in found if not lines.LINE.fullmatch(f"2026-11-27T18:00 INFO x {fact} {__file__}:1")] == []


def test_unknown_spellings_are_unknown() -> None:
    spelled = {name: spell(b"placeholder words") for name, spell in UNKNOWN_SPELLINGS.items()}
    assert len(set(spelled.values())) == len(spelled) == 10
