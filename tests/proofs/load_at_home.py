"""Reporters inside a machine of the proof `releases`: one after the other, until a file says stop.

Run there with the Python of Debian, beside visitor.py: `python3 load_at_home.py HOST PORTAL FOLDER`. It writes a line
for each acknowledged report to FOLDER/acknowledged-PORTAL (receipt, address, seconds until the answer, tries that met
an error) and ends when FOLDER/stop exists.
"""

import http.client
import json
import ssl
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

PAUSE_SECONDS = 0.1
PATIENCE = 120


def work(host: str, portal: str, folder: Path) -> None:
    """A report again and again; one that gets no answer, or a refusal, is sent again with the same form."""
    from visitor import HttpVisitor  # type: ignore[import-not-found] # noqa: PLC0415 - beside this file, there only

    context = ssl._create_unverified_context()  # noqa: S323 - a self-signed certificate of this machine
    visitor = HttpVisitor(host, 443, tls=context)
    number = 0
    with (folder / f"acknowledged-{portal}").open("a", encoding="utf-8") as kept:
        while not (folder / "stop").exists():
            number += 1
            address = f"https://gallery-{time.time_ns()}-{number}.example.org/picture"
            began = time.monotonic()
            token, failed = "", 0
            while time.monotonic() - began < PATIENCE:
                try:
                    path = f"/{portal}/en/report/"
                    token = token or visitor.get(path).field("token")
                    page = visitor.post(path, {"token": token, "addresses": address})
                except (OSError, http.client.HTTPException, LookupError):
                    failed += 1
                else:
                    if page.receipt:
                        break
                    # A form sent faster than a person types is refused, and no failure.
                    failed += page.status >= http.client.INTERNAL_SERVER_ERROR
                time.sleep(PAUSE_SECONDS)
            else:
                continue
            seconds = time.monotonic() - began
            kept.write(json.dumps([page.receipt, address, round(seconds, 2), failed]) + "\n")
            kept.flush()
            time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    work(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
