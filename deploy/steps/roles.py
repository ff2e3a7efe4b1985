"""The role of a machine: everything, or one side of an installation on several machines.

Named by the answer ROLE of `deploy/install`, which later scripts read from the file of answers.
"""

from dataclasses import dataclass

from deploy.steps.answers import read_saved_answers


@dataclass(frozen=True, slots=True)
class MachineRole:
    """`code`: what `deploy/build` leaves of the program. `surfaces`, `workers`: units. `servers`: of the web server.

    `checked`: the users of deploy/manage whose `check --deploy` must find nothing. `has_database`: whether its database
    takes writes, which are migrations and what a release loads.
    """

    name: str
    code: str
    packages: tuple[str, ...]
    surfaces: tuple[str, ...] = ()
    workers: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()
    has_database: bool = False

    @property
    def has_all(self) -> bool:
        return len(self.surfaces) > 1


# Units that write in the background, in the order of stopping.
WORKERS = (
    "portals-keys.timer",
    "portals-watch.timer",
    "portals-host-readings.timer",
    "portals-worker",
    "portals-intake",
)
PACKAGES = ("ca-certificates", "curl", "dbus", "nginx", "openssl", "python3-venv", "rsync")
OF_DATABASE = (*PACKAGES, "age", "postgresql")
ROLES = {
    role.name: role
    for role in (
        MachineRole(
            name="one",
            code="staff",
            packages=OF_DATABASE,
            surfaces=("portals-public", "portals-staff"),
            workers=WORKERS,
            servers=("public", "staff", "list"),
            checked=("public", "worker"),
            has_database=True,
        ),
        MachineRole(
            name="staff",
            code="staff",
            packages=(*OF_DATABASE, "openssh-client"),
            surfaces=("portals-staff",),
            workers=WORKERS,
            servers=("staff", "list"),
            checked=("worker",),
            has_database=True,
        ),
        MachineRole(
            name="public",
            code="public",
            packages=(*PACKAGES, "openssh-server"),
            surfaces=("portals-public",),
            servers=("public",),
            checked=("public",),
        ),
        MachineRole(name="standby", code="staff", packages=OF_DATABASE),
    )
}


def read_role() -> MachineRole:
    """The role that this machine was installed with; a machine that was installed by hand has all."""
    return ROLES[read_saved_answers().get("ROLE", "one")]
