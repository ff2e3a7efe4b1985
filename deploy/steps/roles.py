"""The role of a machine: everything, or one side of an installation on several machines.

Named by the answer ROLE of `deploy/install`, which later scripts read from the file of answers.
"""

from dataclasses import dataclass

from deploy.steps import answers as asked


@dataclass(frozen=True, slots=True)
class MachineRole:
    """`code`: what `deploy/build` leaves of the program. `surfaces`, `workers`: units. `servers`: of the web server.

    `checked`: the users of deploy/manage whose `check --deploy` must find nothing.
    """

    name: str
    code: str
    surfaces: tuple[str, ...]
    workers: tuple[str, ...]
    servers: tuple[str, ...]
    checked: tuple[str, ...]
    packages: tuple[str, ...]
    # Whether its database takes writes: migrations, and what a release loads.
    has_database: bool

    @property
    def has_all(self) -> bool:
        return len(self.surfaces) > 1


# Units that write in the background, in the order of stopping.
WORKERS = ("portals-keys.timer", "portals-watch.timer", "portals-host-readings.timer", "portals-worker")
PACKAGES = ("ca-certificates", "curl", "nginx", "openssl", "python3-venv", "rsync")
OF_DATABASE = (*PACKAGES, "age", "postgresql")
ROLES = {
    role.name: role
    for role in (
        MachineRole(
            "one",
            "staff",
            ("portals-public", "portals-staff"),
            WORKERS,
            ("public", "staff", "list"),
            ("public", "worker"),
            OF_DATABASE,
            has_database=True,
        ),
        MachineRole(
            "staff",
            "staff",
            ("portals-staff",),
            WORKERS,
            ("staff", "list"),
            ("worker",),
            (*OF_DATABASE, "openssh-client"),
            has_database=True,
        ),
        MachineRole(
            "public",
            "public",
            ("portals-public",),
            (),
            ("public",),
            ("public",),
            (*PACKAGES, "openssh-server"),
            has_database=False,
        ),
        MachineRole("standby", "staff", (), (), (), (), OF_DATABASE, has_database=False),
    )
}


def read_role() -> MachineRole:
    """The role that this machine was installed with; a machine that was installed by hand has all."""
    answers = asked.read_answers(asked.SAVED) if asked.SAVED.exists() else {}
    return ROLES[answers.get("ROLE", "one")]
