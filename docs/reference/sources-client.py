#!/usr/bin/env python3
# ruff: noqa: T201 - a program for a terminal, and for Python 3.11
"""Send reports to the hotline and ask for their state. Needs Python 3.11 and nothing else.

    KEY=srcs_... python3 sources-client.py https://partners.example.org send reports.jsonl
    KEY=srcs_... python3 sources-client.py https://partners.example.org state REFERENCE

`reports.jsonl` has a report a line, as docs/guides/sources.md describes them. It is sent in parts of at most 1,000. A
part that gets no answer is sent again with the same Idempotency-Key, so that no report is lost or doubled, however
often this program or the network stops: the key follows from the part. Refused reports are printed with their line,
field and reason. The exit status is 1 if any was refused.
"""

import hashlib
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

A_PART = 1000
# Bytes; the hotline takes 512 KiB.
LARGEST_PART = 500_000
ATTEMPTS = 20
LONGEST_PAUSE = 60.0
TEMPORARY = (409, 429, 500, 502, 503, 504)


class Refused(Exception):
    """The hotline refuses the whole request, for good."""


def ask(url: str, key: str, body: bytes | None = None, request_key: str = "") -> Any:
    """The answer to a request, which is sent again until there is one."""
    headers = {"Authorization": f"Bearer {key}"}
    if body is not None:
        headers |= {"Content-Type": "application/x-ndjson", "Idempotency-Key": request_key}
    pause = 1.0
    for attempt in range(1, ATTEMPTS + 1):
        request = urllib.request.Request(url, body, headers)  # noqa: S310 - the address is the caller's
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in TEMPORARY:
                raise Refused(f"{error.code}: {title_of(error)}") from None
            wait = float(error.headers.get("Retry-After") or pause)
        except (OSError, http.client.HTTPException, ValueError):
            # No connection, or an answer that was cut off.
            wait = pause
        if attempt < ATTEMPTS:
            time.sleep(min(wait, LONGEST_PAUSE))
            pause = min(2 * pause, LONGEST_PAUSE)
    raise Refused("No answer. Run this again with the same file, today.")


def title_of(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error).get("title", ""))
    except ValueError:
        return ""


def parts_of(lines: list[bytes]) -> Iterator[list[bytes]]:
    """The lines in parts that the hotline takes."""
    for start in range(0, len(lines), A_PART):
        part: list[bytes] = []
        for line in lines[start : start + A_PART]:
            if part and sum(map(len, part)) + len(line) > LARGEST_PART:
                yield part
                part = []
            part.append(line)
        yield part


def send(host: str, key: str, lines: list[bytes]) -> int:
    """Send all reports; returns how many were refused."""
    number, refused = 0, 0
    for part in parts_of(lines):
        body = b"\n".join(part)
        # The day: what was refused for the quota may be sent again tomorrow.
        request_key = hashlib.sha256(f"{datetime.now(UTC):%Y-%m-%d}|".encode() + body).hexdigest()
        answer = ask(f"{host}/api/v1/reports", key, body, request_key)
        for item in answer["items"]:
            if item["outcome"] == "refused":
                refused += 1
                print(f"line {number + item['item'] + 1}: {item['reason']} at {item['pointer']}: {item['detail']}")
        number += len(part)
    print(f"{number - refused} accepted, {refused} refused")
    return refused


def main(host: str, command: str, argument: str) -> int:
    key = os.environ["KEY"]
    match command:
        case "send":
            with open(argument, "rb") as file:
                lines = [line.strip() for line in file if line.strip()]
            return int(send(host, key, lines) > 0)
        case "state":
            answer = ask(f"{host}/api/v1/reports/{urllib.parse.quote(argument, safe='')}", key)
            print(answer["state"])
            return 0
    raise SystemExit(__doc__)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    try:
        sys.exit(main(sys.argv[1].rstrip("/"), sys.argv[2], sys.argv[3]))
    except Refused as refusal:
        sys.exit(str(refusal))
