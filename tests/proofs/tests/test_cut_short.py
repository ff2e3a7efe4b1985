"""The names of a script's steps: the same in each run, so that one that was cut off is known again."""

import pytest

from tests.proofs.cut_short import name_command


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (["systemctl", "start", "portals-worker"], "systemctl start"),
        (["/srv/portals/deploy/set-value", "/etc/portals/staff.env", "SECRET_KEY", "b4471e"],
         "set-value /etc/portals/staff.env SECRET_KEY"),
        (["/srv/portals-0.1.1/deploy/manage", "owner", "load_catalogue"], "manage owner load_catalogue"),
        (["psql", "--command", "COMMENT ON DATABASE portals IS 'loaded by portals-0.1.1, 1796280158029723450'"],
         "psql --command COMMENT ON DATABASE portals IS 'loaded by portals-0.1.1, TIME'"),
        (["systemctl", "is-active", "--quiet", "nginx"], ""),
        (["runuser", "-u", "postgres", "--", "psql", "--command", "SELECT count(*) FROM pg_settings"], ""),
    ],
)  # fmt: skip
def test_step_has_a_name_without_what_changes_from_run_to_run(command: list[str], name: str) -> None:
    assert name_command(command) == name
