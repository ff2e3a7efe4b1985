"""Recipients inside a machine of the proof `releases`: replies through the links of letters, until a file says stop.

Run there with the Python of Debian, beside visitor.py: `python3 replies_at_home.py HOST FOLDER`. FOLDER/links has the
path of each letter's reply page. It writes a line for each acknowledged reply to FOLDER/replies (text, seconds until
the answer, failed tries) and ends when FOLDER/stop exists.
"""

import http.client
import json
import ssl
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

PAUSE_SECONDS = 4
PATIENCE = 120
# The page accepts ten an hour.
MOST_OF_A_LINK = 9


def work(host: str, folder: Path) -> None:
    from visitor import HttpVisitor  # type: ignore[import-not-found] # noqa: PLC0415 - beside this file, there only

    context = ssl._create_unverified_context()  # noqa: S323 - a self-signed certificate of this machine
    visitor = HttpVisitor(host, 443, tls=context)
    used: Counter[str] = Counter()
    with (folder / "replies").open("a", encoding="utf-8") as kept:
        while not (folder / "stop").exists():
            time.sleep(PAUSE_SECONDS)
            links = (folder / "links").read_text().split() if (folder / "links").exists() else []
            link = next((each for each in links if used[each] < MOST_OF_A_LINK), None)
            if link is None:
                continue
            used[link] += 1
            text = f"reply {time.time_ns()}"
            began, failed = time.monotonic(), 0
            while time.monotonic() - began < PATIENCE:
                try:
                    page = visitor.post(link, {"kind": "need_more", "text": text})
                except (OSError, http.client.HTTPException):
                    page = None
                if page is not None and page.status == 200:
                    kept.write(json.dumps([text, round(time.monotonic() - began, 2), failed]) + "\n")
                    kept.flush()
                    break
                failed += 1
                time.sleep(0.5)


if __name__ == "__main__":
    work(sys.argv[1], Path(sys.argv[2]))
