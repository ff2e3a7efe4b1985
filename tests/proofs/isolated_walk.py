"""A batch on the isolated workstation, in a network namespace of its own: `python -m tests.proofs.isolated_walk`.

Reads an `IsolatedWalk` as JSON from standard input and prints a `Walked`. Its server and the browser run in
the namespace, whose only interface is its loopback. Everything that they write lies below the machine's folder:

    opt/workstation/ (a copy of the folder)   home/ (keys, drafts, the browser's profile)   stick/ (the medium)   tmp/
"""

import fcntl
import json
import os
import re
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict

from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from tests.proofs import hostile_page

CHROMIUM = "/usr/bin/chromium-headless-shell"
# ioctl to set the flags of an interface, and the flags of one that is up and runs (netdevice(7)).
SET_FLAGS, UP_AND_RUNNING = 0x8914, 0x41
LOOPBACK_ONLY = {"127.0.0.1", "::1"}
# Seconds that the driver waits for a page that does not come.
PATIENCE_MILLISECONDS = 20_000
# Seconds for which the first incident stays revealed, so that there is something to count.
LOOKED_AT = 2
# A key was pressed before the browser had moved the focus to where the page asks for it.
TOO_FAST = "Autofocus processing was blocked because a document already has a focused element."


class IsolatedWalk(TypedDict):
    """`plan`: the decisions in turn, each as codes by field; an empty one skips. `outside`: a port of the network.

    `is_attacked`: a hostile page is opened afterwards.
    """

    machine: str
    batch: str
    passphrase: str
    plan: list[dict[str, str]]
    note: str
    outside: int
    is_attacked: bool


class WalkedIncident(TypedDict):
    """`keys` without those of the note. `seconds`: from its page to the next, all of it the page's own time."""

    keys: int
    seconds: float
    state: str


class Walked(TypedDict):
    """`reached_outside`: a connection to the port of the network. `listens_elsewhere`: addresses but loopback.

    `copied` and `handed`: of the first incident, the address as it was shown, on the clipboard, and as the configured
    program got it. `tries`: what the hostile page read and changed, and the same with the checks removed.
    """

    incidents: list[WalkedIncident]
    keys_before_and_after: int
    reached_outside: bool
    listens_elsewhere: list[str]
    shown: str
    copied: str
    handed: list[str]
    tries: dict[str, int]
    complaints: list[str]


# --- Without network ------------------------------------------------------------------------------------------------


def leave_network() -> None:
    """Move this process, and all that it starts, to a namespace with a loopback interface only. Raises OSError."""
    user, group = os.getuid(), os.getgid()
    os.unshare(os.CLONE_NEWNET | (os.CLONE_NEWUSER if user else 0))
    if user:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sH14x", b"lo", UP_AND_RUNNING))


def can_reach(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 2).close()
    except OSError:
        return False
    return True


def addresses_of_sockets(process: int) -> set[str]:
    """The local addresses of the internet sockets that a process holds; "unknown" for one of another kind."""
    links = [os.readlink(path) for path in Path(f"/proc/{process}/fd").iterdir()]
    held = {link[8:-1] for link in links if link.startswith("socket:[")}
    found: dict[str, str] = {}
    for name in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        for row in Path(f"/proc/{process}/net/{name}").read_text().splitlines()[1:]:
            columns = row.split()
            # Numbers of four bytes in this machine's order.
            raw = bytes.fromhex(columns[1].split(":")[0])
            parts = [raw[place : place + 4][::-1] for place in range(0, len(raw), 4)]
            family = socket.AF_INET if len(raw) == 4 else socket.AF_INET6
            found[columns[9]] = socket.inet_ntop(family, b"".join(parts))
    return {found.get(inode, "unknown") for inode in held}


# --- The workstation ------------------------------------------------------------------------------------------------


def environment_of(machine: Path) -> dict[str, str]:
    """Nothing of this project: the account's folder, and Python's usual places."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(machine / "home"),
        "TMPDIR": str(machine / "tmp"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@contextmanager
def serving(walk: IsolatedWalk) -> Iterator[tuple[str, int]]:
    """`python3 -m workstation serve`, as the guide says: the address of its page, and its process."""
    machine = Path(walk["machine"])
    viewer = machine / "opt" / "viewer"
    command = ["-m", "workstation", "--passphrase-stdin", "serve", walk["batch"], "--browser", str(viewer)]
    with subprocess.Popen(
        [sys.executable, *command],
        cwd=machine / "opt",
        env=environment_of(machine),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdin
            assert process.stdout
            process.stdin.write(f"{walk['passphrase']}\n")
            process.stdin.close()
            said = process.stdout.readline()
            yield re.findall(r"http://\S+", said)[0], process.pid
        finally:
            process.terminate()


# --- By keyboard ----------------------------------------------------------------------------------------------------


class Typist:
    """Presses keys and nothing else, going by what the page shows."""

    def __init__(self, page: Page, walk: IsolatedWalk) -> None:
        self.page, self.walk, self.keys = page, walk, 0
        self.shown, self.copied = "", ""

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.keys += 1

    def press_and_wait(self, key: str) -> None:
        with self.page.expect_navigation():
            self.press(key)

    def assess(self, decision: Mapping[str, str], *, first: bool) -> WalkedIncident:
        """Work on the incident of the current page until the next page is there."""
        began, before = time.monotonic(), self.keys
        if decision:
            self.press_and_wait("r")
            self.press("C")
            if first:
                self._look_at_address()
            self._choose(decision)
            if first:
                self._type_note()
            self.press_and_wait("Enter")
        else:
            self.press_and_wait("s")
        seconds = time.monotonic() - began - (LOOKED_AT if first else 0)
        return {"keys": self.keys - before, "seconds": seconds, "state": "done" if decision else "skipped"}

    def _choose(self, decision: Mapping[str, str]) -> None:
        """Press the digit of the wanted choice in each group, until the button that saves is reached."""
        while field := self.page.evaluate("document.activeElement.closest('fieldset[data-group]')?.dataset.group"):
            choice = self.page.locator(f'fieldset[data-group="{field}"] input[value="{decision[field]}"]')
            self.press(choice.get_attribute("data-digit") or "")

    def _look_at_address(self) -> None:
        """Not counted: what is on the clipboard, and the configured program, which the key `O` starts."""
        self.shown = self.page.locator("#address").input_value()
        self.copied = self.page.evaluate("navigator.clipboard.readText()")
        with self.page.expect_navigation():
            self.page.keyboard.press("O")
        time.sleep(LOOKED_AT)

    def _type_note(self) -> None:
        self.page.keyboard.press("Shift+Tab")
        self.page.keyboard.type(self.walk["note"])
        self.page.keyboard.press("Tab")


def open_browser(playwright: Playwright, machine: Path) -> BrowserContext:
    """A browser whose profile is kept, so that it can be searched."""
    return playwright.chromium.launch_persistent_context(
        machine / "home" / "browser",
        executable_path=CHROMIUM,
        env=dict(environment_of(machine)),
        permissions=["clipboard-read", "clipboard-write"],
        args=[
            "--no-sandbox",
            "--disable-background-networking",
            "--disable-component-update",
            f"--host-resolver-rules=MAP {hostile_page.REBOUND} 127.0.0.1",
        ],
    )


def walk_batch(walk: IsolatedWalk) -> Walked:
    machine, complaints = Path(walk["machine"]), list[str]()
    with serving(walk) as (address, process), sync_playwright() as playwright:
        context = open_browser(playwright, machine)
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        context.on("console", lambda message: complaints.append(message.text) if message.text != TOO_FAST else None)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        page = context.new_page()
        page.goto(address)
        typist, incidents = Typist(page, walk), list[WalkedIncident]()
        typist.press_and_wait("n")
        while "/item/" in page.url:
            decision = walk["plan"][len(incidents) % len(walk["plan"])]
            incidents.append(typist.assess(decision, first=not incidents))
        listens = addresses_of_sockets(process) - LOOPBACK_ONLY
        typist.press_and_wait("Enter")
        page.get_by_text("Bring this file back.").wait_for()
        found = list(complaints)
        tries = dict[str, int]()
        if walk["is_attacked"]:
            tries = hostile_page.try_all(context, address, walk["batch"], machine / "home", walk["passphrase"])
        context.close()
    # Written by the proof's own program in place of a browser, so not of the workstation's files.
    handed = machine / "tmp" / "handed"
    received = handed.read_text().splitlines()
    handed.unlink()
    return {
        "incidents": incidents,
        "keys_before_and_after": typist.keys - sum(each["keys"] for each in incidents),
        "reached_outside": can_reach(walk["outside"]),
        "listens_elsewhere": sorted(listens),
        "shown": typist.shown,
        "copied": typist.copied,
        "handed": received,
        "tries": tries,
        "complaints": found,
    }


if __name__ == "__main__":
    given: IsolatedWalk = json.load(sys.stdin)
    leave_network()
    print(json.dumps(walk_batch(given)))
