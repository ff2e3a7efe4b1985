"""The guide of the isolated workstation followed word by word, on a bare Debian that never has a network.

Its steps for a machine with internet are typed on another Debian; a medium is carried between the two.
"""

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.proofs.machines import Machine
from tests.proofs.rehearsal import PASSWORD, ROOT, Rehearsal, clone_project
from tests.proofs.result import Figure, equal_to
from workstation.sealed_file import BATCH, JsonObject, seal_line, sign_payload

GUIDE = "docs/guides/workstation.md"
STICK = "/media/stick"
# The key of the published example, which the guide names.
HOTLINE = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
SERVED = "/home/ana/served"
ASK = (
    "import re, urllib.request as request, sys;"
    f"page = re.search('http://\\\\S+', open('{SERVED}').read())[0];"
    "sys.stdout.write(request.urlopen(page).read().decode())"
)


def prepare_online(machine: Machine) -> None:
    """The machine with internet as the guide takes it as given: a copy of the project, and two packages."""
    packed = machine.folder / "source" / "portals"
    clone_project(packed)
    machine.put(packed, "/root")
    done = machine.run(
        f"mkdir -p {STICK}; apt-get update; apt-get install --yes --no-install-recommends python3-pip apt-utils",
        borrow_network=True,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stdout[-2000:])


def carry(source: Machine, target: Machine) -> str:
    """Carry the medium over. Returns a command that does nothing."""
    target.put(source.folder / "upper" / STICK.lstrip("/"), str(Path(STICK).parent))
    return "true"


def example_batch(sealing_key: bytes, *, now: datetime) -> str:
    """The published example as if it was drawn now, sealed to this workstation."""
    lines: list[JsonObject] = json.loads((ROOT / "docs/reference/batch-example/batch.json").read_text())
    lines[0] |= {"until": f"{now + timedelta(hours=8):%Y-%m-%dT%H:%M:%SZ}"}
    lines[0]["limits"] |= {"cut_off": None}
    return "".join(f"{seal_line(sign_payload(line, HOTLINE, BATCH), sealing_key, BATCH)}\n" for line in lines)


def workstation_figures(online: Machine, bare: Machine) -> Iterator[Figure]:
    prepare_online(online)
    lacks = bare.run("command -v python3 chromium firefox-esr; ip -o -4 address show scope global").stdout.strip()
    yield equal_to("a bare machine: Python, a browser, an address of a network", lacks or "none", "none")
    guide = Rehearsal(GUIDE, {"": bare, "online": online}, isolated=True)
    guide.given = {"sha256sum /media/stick/packages/Packages": lambda: carry(online, bare)}
    yield from guide.follow()
    yield from _served_figures(bare)


def _served_figures(bare: Machine) -> Iterator[Figure]:
    """A batch on the machine that the guide made: checked, served, and opened in its browser."""
    public = bare.run(f"cat {STICK}/workstation.public").stdout.split()
    file = f"{STICK}/batch-3f8c6f0e.sealed"
    bare.run(f"cat >{file}", typed=example_batch(b64decode(public[1]), now=datetime.now(UTC)))
    as_ana = "su --login ana --command 'cd /opt/portals && python3 -m workstation"
    checked = bare.run(f"{as_ana} check {file}'", typed=f"{PASSWORD}\n").stdout
    yield equal_to("a batch, checked there", "Complete and valid: 1 incidents" in checked or checked, True)
    bare.run(f"{as_ana} serve {file} --browser /usr/bin/chromium' <<<'{PASSWORD}' >{SERVED} 2>&1 &")
    bare.run(f"for try in $(seq 100); do grep -q http {SERVED} && break; sleep 0.2; done")
    page = bare.run(f"python3 -c {json.dumps(ASK)}").stdout
    yield equal_to("its page, asked for there", "Next incident" in page or page[-500:], True)
    browser = "chromium --headless --no-sandbox --disable-gpu --user-data-dir=/home/ana/profile --dump-dom"
    shown = bare.run(f"{browser} $(grep -o 'http://[^ ]*' {SERVED}) 2>/dev/null").stdout
    yield equal_to("its page, opened in its browser", "Next incident" in shown or shown[-500:], True)
