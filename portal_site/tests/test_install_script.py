"""`deploy/install`: its answers, what it refuses beforehand, and files that keep any character.

The walk on a whole machine is the proof `releases`.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.steps import answers, archive, install, machine, settings_files, upgrade, web
from deploy.steps.questions import QUESTIONS, InstallQuestion
from deploy.steps.roles import ROLES
from portal_site.environment import PROJECT

NAME = 'A & B | "C" it\'s $5 `x` \\n'
GIVEN = {
    "HOTLINE_NAME": NAME,
    "PUBLIC_HOST": "report.example.org",
    "STAFF_HOST": "staff.example.org",
    "WORK_TIME_ZONE": "Europe/London",
    "MAIL_FROM": "portals@example.org",
    "CERTIFICATES": "trial",
}


def write(path: Path, given: Mapping[str, str]) -> Path:
    path.write_text("# A remark.\n\n" + "".join(f"{name}={value}\n" for name, value in given.items()))
    return path


def test_answers_keep_every_character_and_get_defaults(tmp_path: Path) -> None:
    read = answers.read_answers(write(tmp_path / "answers", GIVEN))
    assert read == GIVEN
    complete = answers.complete_answers(read)
    assert (complete["HOTLINE_NAME"], complete["CUT_OFF"], complete["MAIL_HOST"]) == (NAME, "16:00", "")
    # Nothing of mail was asked: what a later answer needs keeps its default.
    assert complete["MAIL_PORT"] == "465"
    assert answers.save_answers({**complete, "MAIL_PASSWORD": "secret"}, tmp_path / "saved")
    saved = (tmp_path / "saved").read_text()
    assert "secret" not in saved
    assert answers.read_answers(tmp_path / "saved")["HOTLINE_NAME"] == NAME
    assert (tmp_path / "saved").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("line", "reason"),
    [("HOTLINE=x", "line 3: 'HOTLINE' is not"), ("no answer", "is not"), ("CUT_OFF=\nCUT_OFF=", "twice")],
)
def test_file_with_another_line_is_refused(tmp_path: Path, line: str, reason: str) -> None:
    (tmp_path / "answers").write_text(f"# A remark.\n\n{line}\n")
    with pytest.raises(machine.StepRefused, match=reason):
        answers.read_answers(tmp_path / "answers")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOTLINE_NAME", ""),
        ("HOTLINE_NAME", "a\tb"),
        ("PUBLIC_HOST", "report.example.org; rm"),
        ("PUBLIC_HOST", "https://report.example.org"),
        ("PUBLIC_HOST", "staff.example.org"),
        ("STAFF_HOST", "report"),
        ("MEMBERS_HOST", "$(id).example.org"),
        ("WORK_TIME_ZONE", "UTC"),
        ("WORK_TIME_ZONE", "../../etc/passwd"),
        ("CUT_OFF", "24:00"),
        ("HOTLINE_COUNTRY", "gb"),
        ("MAIL_FROM", "portals"),
        ("ALERT_EMAILS", "a@example.org b@example.org"),
        ("CERTIFICATES", "none"),
        ("MAIL_HOST", "mail"),
        ("DATABASE_RECIPIENT", "AGE-SECRET-KEY-1"),
    ],
)
def test_answer_that_cannot_be_is_named(name: str, value: str) -> None:
    with pytest.raises(machine.StepRefused, match=r"must be|different"):
        answers.complete_answers({**GIVEN, name: value})


def test_one_person_must_not_open_both_backups() -> None:
    key = f"age1{'q' * 58}"
    with pytest.raises(machine.StepRefused, match="two people"):
        answers.complete_answers({**GIVEN, "DATABASE_RECIPIENT": key, "KEYRING_RECIPIENT": key})


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"ALERT_EMAILS": "duty@example.org"}, "ALERT_EMAILS needs MAIL_HOST"),
        ({"OPERATIONS_EMAILS": "duty@example.org"}, "OPERATIONS_EMAILS needs MAIL_HOST"),
        ({"MAIL_PASSWORD": "x"}, "MAIL_PASSWORD needs MAIL_USER"),
        ({"DATABASE_RECIPIENT": f"age1{'q' * 58}"}, "go together"),
        ({"KEYRING_RECIPIENT": f"age1{'q' * 58}"}, "go together"),
        ({"MAIL_HOST": "mail.example.org", "MAIL_ADDRESS": "300.0.0.1"}, "MAIL_ADDRESS must be"),
        ({"MAIL_HOST": "mail.example.org", "MAIL_ADDRESS": "192.0.2.1", "MAIL_PORT": "65536"}, "MAIL_PORT must be"),
    ],
)
def test_answers_that_do_not_fit_together_are_named_before_anything_changes(given: dict[str, str], fault: str) -> None:
    with pytest.raises(machine.StepRefused, match=fault):
        answers.complete_answers({**GIVEN, **given})


def test_alerts_with_a_mail_server_are_taken() -> None:
    mail = {"MAIL_HOST": "mail.example.org", "MAIL_ADDRESS": "192.0.2.1", "ALERT_EMAILS": "duty@example.org"}
    assert answers.complete_answers({**GIVEN, **mail})["ALERT_EMAILS"] == "duty@example.org"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('"Example Hotline"', "Example Hotline"),
        ("'Example Hotline'", "Example Hotline"),
        ("'A \"B\" C'", 'A "B" C'),
        ('"A" and "B"', '"A" and "B"'),
        ('"', '"'),
        ("it's", "it's"),
    ],
)
def test_quotes_around_an_answer_are_taken_off(tmp_path: Path, line: str, value: str) -> None:
    assert answers.read_answers(write(tmp_path / "answers", {"HOTLINE_NAME": line})) == {"HOTLINE_NAME": value}
    answers.save_answers({"HOTLINE_NAME": value}, tmp_path / "saved")
    assert answers.read_answers(tmp_path / "saved") == {"HOTLINE_NAME": value}


def test_file_of_answers_that_is_no_text_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "answers").write_bytes(b"HOTLINE_NAME=\xff\n")
    with pytest.raises(machine.StepRefused, match="no text in UTF-8"):
        answers.read_answers(tmp_path / "answers")


def test_questions_follow_the_answers_and_are_asked_again(capsys: pytest.CaptureFixture[str]) -> None:
    typed = iter(["one", "", NAME, "report.example.org", "staff.example.org", "", "Mars", "Africa/Accra"])
    asked: list[str] = []

    def answer(question: InstallQuestion, default: str) -> str:
        asked.append(question.name)
        known = {"MAIL_HOST": "mail.example.org", "MAIL_ADDRESS": "192.0.2.25", "MAIL_FROM": "portals@example.org"}
        return known.get(question.name, default) if len(asked) > 8 else next(typed)

    found = answers.ask_all({}, answer)

    assert (found["HOTLINE_NAME"], found["WORK_TIME_ZONE"], found["MAIL_PORT"]) == (NAME, "Africa/Accra", "465")
    assert (asked.count("HOTLINE_NAME"), asked.count("WORK_TIME_ZONE")) == (2, 2)
    assert "MAIL_ADDRESS" in asked
    assert answers.complete_answers(found)["MAIL_USER"] == ""
    without_mail = {name: value for name, value in found.items() if not name.startswith("MAIL_") or name == "MAIL_FROM"}
    assert answers.complete_answers(without_mail)["MAIL_PORT"] == "465"
    assert not {"MAIL_PASSWORD", "ACME_MAIL"} & {*asked}
    assert capsys.readouterr().err.count("It must be") == 2


def test_typed_answer_keeps_the_default_or_empties_it(monkeypatch: pytest.MonkeyPatch) -> None:
    cut_off = next(each for each in QUESTIONS if each.name == "CUT_OFF")
    country = next(each for each in QUESTIONS if each.name == "HOTLINE_COUNTRY")
    shown: list[str] = []

    def answer(typed: str, question: InstallQuestion, default: str) -> str:
        def read_line(text: str) -> str:
            shown.append(text)
            return typed

        monkeypatch.setattr("builtins.input", read_line)
        return answers.ask_in_terminal(question, default)

    assert [answer(typed, cut_off, "16:00") for typed in ("", "-", "17:30")] == ["16:00", "", "17:30"]
    assert shown[0].endswith("[16:00; - for none]: ")
    # A question that needs an answer has none to leave out.
    assert answer("-", country, "GB") == "-"
    assert shown[-1].endswith("[GB]: ")


# --- What is checked before anything is changed -----------------------------------------------------------------------


def make_archive(folder: Path, version: str = "1.2.3", *beside: str) -> Path:
    """A signed archive, with the key's signers beside it; `beside`: more for its root."""
    tree = folder / f"reporting-portals-{version}"
    (tree / "tests").mkdir(parents=True)
    (tree / "pyproject.toml").write_text(f'version = "{version}"\n')
    (tree / "tests" / "test_a.py").touch()
    packed = folder / f"{tree.name}.tar.gz"
    subprocess.run(["tar", "-czf", packed, "-C", folder, tree.name, *beside], check=True)
    digest = subprocess.run(["sha256sum", packed.name], cwd=folder, check=True, capture_output=True, text=True).stdout
    packed.with_name(f"{packed.name}.sha256").write_text(digest)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "key"], check=True)
    sign = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(folder / "key"), "-n", archive.NAMESPACE, str(packed)]
    subprocess.run(sign, check=True, capture_output=True)
    (folder / "signers").write_text(f"release {(folder / 'key.pub').read_text()}")
    return packed


@pytest.mark.parametrize(
    ("name", "target"),
    [("other", ""), ("reporting-portals-1.2.4", ""), ("reporting-portals-1.2.3/link", "../../etc"),
     ("reporting-portals-1.2.3/absolute", "/etc")],
)  # fmt: skip
def test_archive_with_more_than_its_folder_is_refused(tmp_path: Path, name: str, target: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    if target:
        path.symlink_to(target)
    else:
        path.touch()
    packed = make_archive(tmp_path, "1.2.3", *([] if target else [name]))
    with pytest.raises(machine.StepRefused, match=r"does not hold the folder reporting-portals-1\.2\.3 alone"):
        archive.read_archive_version(packed)


@pytest.mark.parametrize("version", ["1.2.3rc1", "1.2.3"])
def test_version_of_an_archive_is_read(tmp_path: Path, version: str) -> None:
    packed = make_archive(tmp_path, version)
    assert archive.read_archive_version(packed) == version
    assert machine.read_version(tmp_path / f"reporting-portals-{version}") == version


def test_versions_are_in_order() -> None:
    ordered = ["0.1.9", "0.1.10", "0.2.0rc1", "0.2.0rc2", "0.2.0rc10", "0.2.0", "0.2.1", "1.0.0"]
    assert sorted({*ordered}, key=machine.split_version) == ordered


@pytest.mark.parametrize("version", ["0.2", "0.2.0.1", "0.2.0-rc1", "0.2.0b1", "v0.2.0", "latest", ""])
def test_version_of_another_form_is_refused(version: str) -> None:
    with pytest.raises(machine.StepRefused, match="is not a version"):
        machine.split_version(version)


def test_file_that_is_no_archive_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "reporting-portals-1.2.3.tar.gz"
    path.write_text("no archive")
    with pytest.raises(machine.StepRefused, match="cannot be read"):
        archive.read_archive_version(path)


def test_built_folder_is_compared_with_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = make_archive(tmp_path)
    monkeypatch.setattr(archive, "RELEASES", tmp_path)
    folder = tmp_path / "portals-1.2.3"
    shutil.copytree(tmp_path / "reporting-portals-1.2.3", folder)
    (folder / ".built").touch()
    # What `deploy/keep` removes.
    shutil.rmtree(folder / "tests")
    assert archive.unpack_release(packed) == (folder, False)

    (folder / "pyproject.toml").write_text('version = "1.2.3"\n# altered\n')
    with pytest.raises(machine.StepRefused, match=r"pyproject\.toml differs"):
        archive.unpack_release(packed)
    (folder / "pyproject.toml").unlink()
    with pytest.raises(machine.StepRefused, match=r"pyproject\.toml is missing"):
        archive.unpack_release(packed)
    assert archive.unpack_release(packed, "public") == (folder, False)


@pytest.mark.parametrize("is_clone", [True, False])
def test_folder_that_the_scripts_did_not_make_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_clone: bool
) -> None:
    packed = make_archive(tmp_path)
    folder = tmp_path / "portals-1.2.3"
    folder.mkdir()
    monkeypatch.setattr(archive, "RELEASES", tmp_path)
    monkeypatch.setattr(archive, "CURRENT", tmp_path / "portals")
    if is_clone:
        (folder / ".git").mkdir()
    else:
        (tmp_path / "portals").symlink_to(folder)
    with pytest.raises(machine.StepRefused, match="was not made by these scripts"):
        archive.unpack_release(packed)
    assert folder.exists()


def test_upgrade_without_signers_is_asked_for_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signers = tmp_path / "release-signers"
    monkeypatch.setattr(archive, "SIGNERS", signers)
    with pytest.raises(machine.StepRefused, match="--without-signature"):
        archive.find_signers(None, without=False)
    assert archive.find_signers(None, without=True) is None
    with pytest.raises(machine.StepRefused, match="is no file"):
        archive.find_signers(tmp_path / "typo", without=True)
    signers.touch()
    assert archive.find_signers(None, without=False) == signers


def test_archive_is_checked_before_it_is_unpacked(tmp_path: Path) -> None:
    packed = make_archive(tmp_path)
    assert archive.check_archive(packed, tmp_path / "signers") == "checksum and signature right"
    assert "signature not checked" in archive.check_archive(packed, None)
    assert archive.read_archive_version(packed) == "1.2.3"

    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "other"], check=True)
    (tmp_path / "strangers").write_text(f"release {(tmp_path / 'other.pub').read_text()}")
    with pytest.raises(machine.StepRefused, match="not signed by anyone"):
        archive.check_archive(packed, tmp_path / "strangers")

    renamed = shutil.copy(packed, tmp_path / "reporting-portals-1.2.4.tar.gz")
    with pytest.raises(machine.StepRefused, match="does not hold the folder"):
        archive.read_archive_version(Path(renamed))
    packed.write_bytes(packed.read_bytes() + b"\0")
    with pytest.raises(machine.StepRefused, match="damaged or altered"):
        archive.check_archive(packed, tmp_path / "signers")
    packed.with_name(f"{packed.name}.sha256").unlink()
    with pytest.raises(machine.StepRefused, match="beside each other"):
        archive.check_archive(packed, None)


def test_missing_certificates_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "TLS", tmp_path)
    given = answers.complete_answers({**GIVEN, "CERTIFICATES": "own", "MEMBERS_HOST": "list.example.org"})
    assert len(list(web.find_missing_certificates(given, ROLES["one"]))) == 6
    for name in ("public", "staff", "list"):
        (tmp_path / f"{name}.crt").touch()
        (tmp_path / f"{name}.key").touch()
    assert list(web.find_missing_certificates(given, ROLES["one"])) == []


@pytest.mark.parametrize(
    ("version", "user", "reason"), [("12", 0, "Debian 13 is needed"), ("13", 0, ""), ("13", 1000, "Only root")]
)
def test_another_system_and_another_user_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, user: int, reason: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    system = tmp_path / "os-release"
    system.write_text(f'ID=debian\nVERSION_ID="{version}"\nPRETTY_NAME="Debian GNU/Linux {version}"\n')
    said = " ".join(machine.find_obstacles(installed=True, system=system))
    assert ("Only root" in said, "is needed" in said) == ("root" in reason, "needed" in reason)


# --- Files in place ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answered", [(), ("DATABASE",), ("DATABASE", "KEYRING")])
def test_backups_that_are_not_set_up_are_neither_already_nor_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answered: tuple[str, ...]
) -> None:
    given = {**GIVEN, "ROLE": "one", **{f"{kind}_RECIPIENT": f"age1{kind.lower()}" for kind in answered}}
    started: list[tuple[object, ...]] = []
    monkeypatch.setattr(install, "SETTINGS", tmp_path)
    monkeypatch.setattr(install, "run", lambda *command: started.append(command))
    monkeypatch.setattr(install, "succeeds", lambda *_command: bool(started))
    monkeypatch.setattr(install, "prepare", lambda _options: install.InstallRun(given, tmp_path, None))
    monkeypatch.setattr(install, "STEPS", (("Backups", ("one",), install.set_up_backups),))
    monkeypatch.setattr(sys, "argv", ["install"])
    printed = []
    for _again in range(2):
        assert install.main() == 0
        printed.append(capsys.readouterr().out)
    if len(answered) == 2:
        assert [
            line.partition(" (")[0] for text in printed for line in text.splitlines() if line.startswith("Back")
        ] == [
            "Backups: done",
            f'Back up {machine.KEYRING} as docs/guides/deploy-one-machine.md says, "Fetch the backups".',
            "Backups: already",
            f'Back up {machine.KEYRING} as docs/guides/deploy-one-machine.md says, "Fetch the backups".',
        ]
        assert ["\nReady." in text for text in printed] == [True, True]
        assert started[0][-2:] == install.BACKUP_TIMERS
    else:
        assert [text.startswith("Backups: not set up (") for text in printed] == [True, True]
        assert ["NOT ready, not set up: Backups." in text and "\nReady" not in text for text in printed] == [True, True]
        assert started == []


def test_upgrade_without_a_backup_is_asked_for_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgrade, "RECIPIENTS", tmp_path / "recipients")
    with pytest.raises(machine.StepRefused, match="--without-backup"):
        upgrade.check_backup(without=False)
    upgrade.check_backup(without=True)

    upgrade.RECIPIENTS.touch()
    upgrade.check_backup(without=False)


def test_setting_keeps_every_character(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_files, "SETTINGS", tmp_path)
    monkeypatch.setattr(settings_files, "CURRENT", PROJECT)
    shutil.copy(PROJECT / "deploy/settings/staff.env", tmp_path)
    assert settings_files.set_value("staff.env", "HOTLINE_NAME", NAME)
    assert not settings_files.set_value("staff.env", "HOTLINE_NAME", NAME)
    assert settings_files.read_setting("staff.env", "HOTLINE_NAME") == NAME
    assert settings_files.read_setting("staff.env", "NOT_THERE") == ""


def test_files_and_links_say_whether_they_changed(tmp_path: Path) -> None:
    units = PROJECT / "deploy" / "systemd" / "portals-.service.d"
    assert [machine.copy_files([units], tmp_path) for _ in range(2)] == [True, False]
    assert (tmp_path / "portals-.service.d" / "sandbox.conf").read_bytes() == (units / "sandbox.conf").read_bytes()
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    linked = [machine.link_release(tmp_path / "link", each) for each in (first, first, second)]
    assert linked == [True, False, True]
    assert (tmp_path / "link").resolve() == second


@pytest.mark.parametrize("name", ["install", "uninstall"])
def test_script_explains_itself(name: str) -> None:
    done = subprocess.run([PROJECT / "deploy" / name, "--help"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--" in done.stdout


# --- Certificates -----------------------------------------------------------------------------------------------------

RENEWAL_OF_010 = """version = 4.0.0
archive_dir = /etc/letsencrypt/archive/public
[renewalparams]
account = 0
pre_hook = systemctl stop nginx
post_hook = systemctl start nginx
authenticator = standalone
"""


@pytest.fixture
def certbot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that were run."""
    commands: list[list[str]] = []
    monkeypatch.setattr(web, "run", lambda *command: commands.append([str(part) for part in command]))
    monkeypatch.setattr(web, "ACME_HOOK", tmp_path / "hook")
    monkeypatch.setattr(web, "RENEWALS", tmp_path)
    return commands


def acme_answers() -> dict[str, str]:
    return answers.complete_answers({**GIVEN, "CERTIFICATES": "acme", "ACME_MAIL": "adam@example.org"})


def test_certificates_are_fetched_while_the_web_server_runs(certbot: list[list[str]], tmp_path: Path) -> None:
    assert web.fetch_certificates(acme_answers(), ROLES["one"])
    fetched = [command for command in certbot if command[0] == "certbot"]
    assert [command[-1] for command in fetched] == ["report.example.org", "staff.example.org"]
    assert all("--webroot" in command and str(web.CHALLENGES) in command for command in fetched)
    assert "stop" not in str(certbot)
    (tmp_path / "public.conf").touch()
    (tmp_path / "staff.conf").touch()
    certbot.clear()
    assert not web.fetch_certificates(acme_answers(), ROLES["one"])
    assert [command[0] for command in certbot] == ["install"]


def test_renewal_of_release_010_stops_the_web_server_no_more(certbot: list[list[str]], tmp_path: Path) -> None:
    for name in ("public", "staff"):
        (tmp_path / f"{name}.conf").write_text(RENEWAL_OF_010)
    assert web.fetch_certificates(acme_answers(), ROLES["one"])
    text = (tmp_path / "public.conf").read_text()
    assert not {"pre_hook", "post_hook", "standalone"} & {*text.replace("=", " ").split()}
    assert text.endswith(
        f"authenticator = webroot\nwebroot_path = {web.CHALLENGES},\n"
        f"[[webroot_map]]\nreport.example.org = {web.CHALLENGES}\n"
    )
    assert "certbot" not in str(certbot)
    assert not web.fetch_certificates(acme_answers(), ROLES["one"])


def test_other_certificates_are_none_of_certbots(certbot: list[list[str]]) -> None:
    for kind in ("own", "trial"):
        assert not web.fetch_certificates({**acme_answers(), "CERTIFICATES": kind}, ROLES["one"])
    assert certbot == []


@pytest.mark.parametrize("file", ["public.conf", "staff.conf"])
def test_challenge_is_answered_before_visitors_are_sent_to_https(file: str) -> None:
    text = (PROJECT / "deploy" / "nginx" / file).read_text()
    plain = text[text.index("listen 80;") : text.index("listen 443")]
    assert f"location /.well-known/acme-challenge/ {{\n        root {web.CHALLENGES};" in plain
    # A `return` of the server itself would come first.
    assert not [line for line in plain.splitlines() if line.startswith("    return")]


# --- The second run ---------------------------------------------------------------------------------------------------


def test_release_that_was_loaded_is_not_loaded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release, mark = tmp_path / "portals-1.2.3", [""]
    release.mkdir()
    (release / ".built").touch()
    loads: list[str] = []

    def ask(command: str, database: str) -> str:
        if command != install.READ_MARK:
            mark[0] = command.split("'")[1]
        return mark[0]

    monkeypatch.setattr(install, "CURRENT", release)
    monkeypatch.setattr(install, "ask_database", ask)
    monkeypatch.setattr(install, "manage", lambda release, user, *command: loads.append(command[0]))
    run = install.InstallRun({}, tmp_path, None)

    assert [install.fill_database(run) for _ in range(2)] == [True, False]
    assert loads == ["migrate", *(command for _user, command in install.LOADS)]
    os.utime(release / ".built", (1, 1))
    assert install.fill_database(run)
    (release / ".built").unlink()
    assert [install.fill_database(run) for _ in range(2)] == [True, True]
