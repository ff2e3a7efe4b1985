"""sbom.cdx.json: the bill of materials of a running installation (CycloneDX 1.6), for auditors' tools.

Parts, versions, licences, dependencies, and the SHA-256 of every file the lock accepts. The same lock gives the same
bytes on every machine of a kind: no time, no serial number, no path, and no download address, because each installer
chooses where files are fetched from.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, TypedDict

from packaging.utils import canonicalize_name

from supply.pins import PROJECT, RUNTIME, read_needed_pins

BILL = PROJECT / "sbom.cdx.json"
ROOT = "root-component"


class BillDocument(TypedDict):
    """The parts of a CycloneDX document that are read or changed here."""

    metadata: dict[str, dict[str, list[dict[str, object]]]]
    components: list[dict[str, Any]]
    dependencies: list[dict[str, Any]]


def build_bill() -> str:
    """The document. Raises ValueError where the installed packages differ from the pins."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "all.json"
        # Half of it is removed below, so the result is validated in tests, and not here.
        form = ["--output-reproducible", "--short-PURLs", "--spec-version", "1.6", "--no-validate"]
        subprocess.run(
            [
                *(sys.executable, "-m", "cyclonedx_py", "environment", "--pyproject", "pyproject.toml"),
                *form,
                *("--output-file", str(path), sys.executable),
            ],
            cwd=PROJECT,
            check=True,
            capture_output=True,
        )
        bill: BillDocument = json.loads(path.read_text())
    needed = read_needed_pins(RUNTIME)
    parts = [part for part in bill["components"] if canonicalize_name(part["name"]) in needed]
    if {canonicalize_name(part["name"]): part["version"] for part in parts} != {
        name: pin.version for name, pin in needed.items()
    }:
        raise ValueError("The installed packages are not those that requirements.txt pins. Run `make check` first.")
    for part in parts:
        part.pop("externalReferences", None)
        part["hashes"] = [
            {"alg": "SHA-256", "content": digest} for digest in needed[canonicalize_name(part["name"])].hashes
        ]
    refs = {ROOT, *(part["bom-ref"] for part in parts)}
    for tool in bill["metadata"]["tools"]["components"]:
        tool.pop("externalReferences", None)
    bill["components"] = parts
    bill["dependencies"] = [
        {**dependency, "dependsOn": [ref for ref in dependency.get("dependsOn", []) if ref in refs]}
        for dependency in bill["dependencies"]
        if dependency["ref"] in refs
    ]
    return json.dumps(bill, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    try:
        BILL.write_text(build_bill())
    except ValueError as error:
        sys.exit(str(error))
    print(f"Wrote {BILL.relative_to(PROJECT)}.")
