"""`deploy/uninstall`: removes what the scripts made, and nothing beside it."""

from pathlib import Path

import pytest

from deploy.steps import machine, uninstall, web
from portal_site.environment import PROJECT

MADE_BY_OTHERS = (
    "srv/portals-backup/offsite.tar",
    "srv/portals-keys/private.key",
    "srv/portals-0.0.9/.git/HEAD",
    "srv/portals-0.0.9/deploy/steps/install.py",
    "units/portals-offsite.service",
    "units/portals-worker.service.d/administrator.conf",
    "nginx/portals/other.conf",
    "backups/database/notes.txt",
    "backups/offsite/portals.tar",
    "settings/tls/public.key",
    "settings/mark.svg",
)
OF_DATA = (
    "backups/database/portals-20261201T033000Z.dump.age",
    "backups/database/portals-20261201T033000Z.digest",
    "backups/keyring/keyring.tar.age",
    "state/keyring/private/1.key",
    "settings/staff.env",
    "settings/answers",
)
OF_PROGRAM = (
    "srv/portals-0.1.0/.built",
    "srv/portals-0.2.0rc1.new/pyproject.toml",
    "units/portals-worker.service",
    "units/portals-worker.service.d/mail.conf",
    "units/nginx.service.d/portals.conf",
    "nginx/portals/public.conf",
    "nginx/portals/pages/busy.html",
)


@pytest.fixture
def machine_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a release, data, and files of its administrator's."""
    for path in (*MADE_BY_OTHERS, *OF_DATA, *OF_PROGRAM):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    release = tmp_path / "srv" / "portals-0.1.0"
    (release / "deploy").symlink_to(PROJECT / "deploy")
    (tmp_path / "srv" / "portals").symlink_to(release)
    (tmp_path / "nginx" / "nginx.conf").write_text("include /etc/nginx/portals/public.conf;")
    (tmp_path / "nginx" / "nginx.conf.distribution").write_text("of the distribution")
    backups, state, settings = (tmp_path / name for name in ("backups", "state", "settings"))
    monkeypatch.setattr(
        uninstall,
        "MADE",
        dict(zip((backups, state, settings), uninstall.MADE.values(), strict=True)),
    )
    for module, name, value in (
        (uninstall, "RELEASES", tmp_path / "srv"),
        (uninstall, "CURRENT", tmp_path / "srv" / "portals"),
        (uninstall, "BEFORE", tmp_path / "srv" / "portals-before"),
        (uninstall, "UNITS", tmp_path / "units"),
        (uninstall, "KEYRING", state / "keyring"),
        (uninstall, "STATE", ()),
        (uninstall, "SYSTEM", tmp_path / "etc"),
        (web, "NGINX", tmp_path / "nginx"),
        (web, "DISTRIBUTION", tmp_path / "nginx" / "nginx.conf.distribution"),
        (web, "ACME_HOOK", tmp_path / "hook"),
    ):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(uninstall, "run", lambda *command: "")
    monkeypatch.setattr(uninstall, "succeeds", lambda *command: True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def present(folder: Path, paths: tuple[str, ...]) -> set[str]:
    return {path for path in paths if (folder / path).exists()}


def test_program_is_removed_and_all_else_stays(machine_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    uninstall.uninstall(with_data=False)

    assert present(machine_folder, OF_PROGRAM) == set()
    assert present(machine_folder, MADE_BY_OTHERS) == {*MADE_BY_OTHERS}
    assert present(machine_folder, OF_DATA) == {*OF_DATA}
    assert (machine_folder / "nginx" / "nginx.conf").read_text() == "of the distribution"
    assert not (machine_folder / "srv" / "portals").is_symlink()
    assert (PROJECT / "deploy" / "uninstall").exists()
    printed = capsys.readouterr().out
    for name in ("srv/portals-0.0.9", "units/portals-offsite.service", "nginx/portals"):
        assert str(machine_folder / name) in printed


def test_data_is_destroyed_and_what_others_made_stays(machine_folder: Path) -> None:
    uninstall.uninstall(with_data=True)
    assert present(machine_folder, (*OF_PROGRAM, *OF_DATA)) == set()
    assert present(machine_folder, MADE_BY_OTHERS) == {*MADE_BY_OTHERS}


def test_clone_that_is_in_use_is_left_to_its_administrator(machine_folder: Path) -> None:
    link = machine_folder / "srv" / "portals"
    link.unlink()
    link.symlink_to(machine_folder / "srv" / "portals-0.0.9")
    with pytest.raises(machine.StepRefused, match="removed by hand"):
        uninstall.uninstall(with_data=True)
    assert present(machine_folder, (*OF_PROGRAM, *OF_DATA, *MADE_BY_OTHERS)) == {
        *OF_PROGRAM, *OF_DATA, *MADE_BY_OTHERS
    }  # fmt: skip


# --- The distribution's nginx.conf ------------------------------------------------------------------------------------


def test_distributions_config_is_kept_once(machine_folder: Path) -> None:
    config, kept = machine_folder / "nginx" / "nginx.conf", machine_folder / "nginx" / "nginx.conf.distribution"
    kept.unlink()
    web.keep_config()
    assert not kept.exists()
    config.write_text("of the distribution")
    web.keep_config()
    assert kept.read_text() == "of the distribution"


def test_distributions_config_of_another_program_is_left(machine_folder: Path) -> None:
    config = machine_folder / "nginx" / "nginx.conf"
    config.write_text("changed by hand")
    assert web.bring_back_config()
    assert config.read_text() == "changed by hand"


@pytest.mark.parametrize("has_network", [True, False])
def test_config_that_was_never_kept_comes_from_the_package(
    machine_folder: Path, monkeypatch: pytest.MonkeyPatch, *, has_network: bool
) -> None:
    config = machine_folder / "nginx" / "nginx.conf"
    (machine_folder / "nginx" / "nginx.conf.distribution").unlink()

    def reinstall(*command: str) -> bool:
        if has_network:
            config.write_text("of the package")
        return has_network

    monkeypatch.setattr(web, "succeeds", reinstall)
    assert web.bring_back_config() == has_network
    assert config.exists() == has_network
