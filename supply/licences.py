"""docs/reference/licences.md: the licences of a running installation's packages, read from their metadata.

An unknown licence stops the generation: a person must first decide whether it is compatible with AGPL-3.0-or-later and
record that here, before the part is used.
"""

import json
import subprocess
import sys

from packaging.utils import canonicalize_name

from supply.pins import PROJECT, RUNTIME, read_needed_pins

DOCUMENT = PROJECT / "docs" / "reference" / "licences.md"

# Permissive: requires only that its notice is kept. Apache-2.0 goes with version 3 of the GPL family.
PERMISSIVE = {
    "Apache-2.0",
    "Apache-2.0 AND BSD-2-Clause",
    "Apache-2.0 OR BSD-2-Clause",
    "Apache-2.0 OR BSD-3-Clause",
    "BSD License",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "MIT",
    "MIT License",
    "MIT-0",
    "MIT-CMU",
    "PSF-2.0",
    "Python Software Foundation License",
}
# Licences that need an explanation: (licence as declared, the explanation).
LGPL = "LGPL-3.0 is GPL-3.0 with more permissions, and GPL-3.0 may be combined with AGPL-3.0 (section 13 of both)."
WORDS = {
    "psycopg": ("LGPL-3.0-only", LGPL),
    "psycopg-pool": ("LGPL-3.0-only", LGPL),
    "psycopg-binary": (
        "LGPL-3.0-only",
        f"{LGPL} The wheel carries libpq (PostgreSQL licence), OpenSSL (Apache-2.0), MIT Kerberos, OpenLDAP and "
        "Cyrus SASL (permissive) and two small LGPL-2.1-or-later libraries, which it loads as shared libraries.",
    ),
    "publicsuffixlist": (
        "MPL-2.0",
        "MPL-2.0 names AGPL-3.0 as a secondary licence (section 3.3), and no file here opts out; changes to its own "
        "files stay under MPL-2.0. None are made.",
    ),
    "fido2": (
        "Apache Software License; BSD License; Mozilla Public License 2.0 (MPL 2.0)",
        "BSD-2-Clause; its files for USB devices, not used here, are Apache-2.0, and the list of public suffixes it "
        "carries is MPL-2.0, as below.",
    ),
    "qrcode": (
        "BSD License; Other/Proprietary License",
        "BSD-3-Clause. Its other licence is the MIT licence of the code it grew from, printed in its LICENSE.",
    ),
}


class Unknown(Exception):
    """A part whose licence has not been reviewed, or that is not installed as pinned."""


def read_licences() -> dict[str, str]:
    """Licence of each part that a running installation needs here. Raises Unknown where the lock is not installed."""
    needed = {name: pin.version for name, pin in read_needed_pins(RUNTIME).items()}
    process = subprocess.run(
        [sys.executable, "-m", "piplicenses", "--from", "mixed", "--format", "json", "--packages", *needed],
        capture_output=True,
        text=True,
        check=True,
    )
    licences = {
        canonicalize_name(package["Name"]): (package["Version"], package["License"])
        for package in json.loads(process.stdout)
    }
    if outdated := sorted(name for name, version in needed.items() if licences.get(name, ("", ""))[0] != version):
        raise Unknown(f"Not installed as pinned: {', '.join(outdated)}. Run `make check` first.")
    return {name: licences[name][1] for name in needed}


def render_document() -> str:
    """The page. Raises Unknown."""
    rows, words = [], []
    for name, licence in read_licences().items():
        if name in WORDS and WORDS[name][0] == licence:
            words.append(f"- **{name}** ({licence}): {WORDS[name][1]}")
        elif licence not in PERMISSIVE:
            raise Unknown(
                f"{name} is under {licence!r}: does it go with AGPL-3.0-or-later? Say so in supply/licences.py."
            )
        rows.append(f"| {name} | {licence} |")
    return "\n".join(
        [
            "# Licences of what is built in",
            "",
            "Made by `make sbom` from what `requirements.txt` installs; do not edit. The project itself is",
            "AGPL-3.0-or-later. Everything here goes with it; what needs a word has one below. Not listed: Python,",
            "nginx and PostgreSQL, which run beside it, and what only developers install.",
            "",
            "| part | licence, as declared |",
            "| --- | --- |",
            *rows,
            "",
            *words,
            "",
        ]
    )


if __name__ == "__main__":
    try:
        DOCUMENT.write_text(render_document())
    except Unknown as error:
        sys.exit(str(error))
    print(f"Wrote {DOCUMENT.relative_to(PROJECT)}.")
