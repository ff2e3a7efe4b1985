"""The few figures of the recorded proofs that the public page "Is this safe?" shows, as a file inside the release.

`docs/` is not part of what an installation runs, so the figures are written into `countries/public/data/` as well.
"""

import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from portal_site.environment import PROJECT
from tests.proofs.page import ProofResult

SHOWN = PROJECT / "countries/public/data/proofs.json"
# By proof: a short name for each figure that its sentence in `countries/public/trust.py` uses, and the figure.
CHOSEN: Mapping[str, Mapping[str, str]] = {
    "privacy": {
        "places": "places read (files, tables, statistics)",
        "found": "places in which something was found",
    },
    "crash": {"sent": "envelopes acknowledged", "lost": "acknowledged and lost"},
    "destroyed_key": {
        "texts": "envelopes, questions, addresses and answers erased, by these receipts",
        "read": "in the write-ahead log, opened by any key left",
    },
    "hostile": {"posts": "posts", "lost": "posts neither stored nor refused"},
}


def release_figures(results: Iterable[ProofResult]) -> dict[str, object]:
    """The chosen figures of whole runs that held; a proof that does not hold has no sentence to show."""
    proofs = []
    for result in results:
        chosen = CHOSEN.get(result["proof"])
        if chosen is None or not (result["full"] and result["holds"]) or result["impossible"]:
            continue
        values = {figure["name"]: figure["value"] for figure in result["figures"]}
        figures = {short: int(values[name]) for short, name in chosen.items()}
        proofs.append({"proof": result["proof"], "on": result["at"][:10], "figures": figures})
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    return {"version": version, "proofs": proofs}


def write_figures(path: Path, results: Iterable[ProofResult]) -> None:
    path.write_text(json.dumps(release_figures(results), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    # After a new version number: the results stay the same.
    recorded: list[ProofResult] = json.loads((PROJECT / "docs/figures/proof.json").read_text())
    write_figures(SHOWN, recorded)
