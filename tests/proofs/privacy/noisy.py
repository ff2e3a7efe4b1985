"""A WSGI application that leaks like a careless one: `gunicorn tests.proofs.privacy.noisy:application`.

Only for planted leaks. It writes its input, JSON by kind, to the places where such applications leave it.
"""

import ctypes
import gzip
import json
import logging
import os
import pickle
import pwd
import socket
import sqlite3
import sys
import tempfile
import zlib
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import brotli

from tests.proofs.privacy.spelled import UNKNOWN_SPELLINGS

# The leak that only reporters of one language meet.
ONE_LANGUAGE = "/sw/"
# A constant of prctl(2).
SET_THREAD_NAME = 15
# RFC 863: packets for this port are thrown away.
DISCARD_PORT = 9


def leak_by_effects(home: Path, sent: dict[str, str]) -> None:
    """Leak in spellings that no search knows, by names and times of files, and by connections."""
    for name, spell in UNKNOWN_SPELLINGS.items():
        (home / f"leak-{name}").write_bytes(spell(sent["in unknown spellings"].encode()))
    agent = UNKNOWN_SPELLINGS["base85"](sent["user agent in a log"].encode()).decode()
    usual = f"2026-11-27T18:00 ERROR django.request status=500 {__file__}:1"
    error = "K" + UNKNOWN_SPELLINGS["base58"](sent["in the name of an error"].encode()).decode()
    of_error = usual.replace("status=500", f"status=500 {error}")
    (home.parent / "logs" / "planted.log").write_text(f"{usual}\n{usual} {agent}\n{usual}\n{of_error}\n")
    ctypes.CDLL(None).prctl(SET_THREAD_NAME, UNKNOWN_SPELLINGS["base85"](sent["in the name of a thread"].encode()))
    os.utime(home / "events.json", ns=(0, 1_764_000_000_123_456_000))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as packets:
        packets.sendto(sent["in a packet"].encode(), (sent["where to"], DISCARD_PORT))
    with socket.socket() as connection:
        connection.connect_ex((sent["where to"], DISCARD_PORT))


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    sent: dict[str, str] = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    home = Path(os.environ["HOME"])
    with suppress(KeyError):
        pwd.getpwnam(sent["printed"])
    if environ["PATH_INFO"] == "/":
        leak_in_places(home, sent)
    elif environ["PATH_INFO"] == "/effects/":
        leak_by_effects(home, sent)
    elif ONE_LANGUAGE in environ["PATH_INFO"]:
        (home / "leak-of-one-language").write_text(sent["in one language only"])
    start_response("200 OK", [("Content-Type", "text/plain"), ("Cache-Control", "max-age=600")])
    return [sent["answered"].encode()]


def leak_in_places(home: Path, sent: dict[str, str]) -> None:
    """Leak to the places where applications leave things, in usual spellings."""
    print(sent["printed"], file=sys.stderr, flush=True)
    logging.getLogger("noisy").error("A visitor typed %s", sent["logged"])
    with tempfile.NamedTemporaryFile(prefix="upload-", delete=False) as upload:
        upload.write(sent["uploaded"].encode())
    (home / "cache.djcache").write_bytes(pickle.dumps(9e9) + zlib.compress(pickle.dumps({"typed": sent["cached"]})))
    with closing(sqlite3.connect(home / "sessions.sqlite3")) as sessions:
        sessions.execute("PRAGMA encoding = 'UTF-16le'")
        sessions.execute("CREATE TABLE session (typed TEXT)")
        sessions.execute("INSERT INTO session VALUES (?)", [sent["in a file of sessions"]])
        sessions.commit()
    (home / "app.log.1.gz").write_bytes(gzip.compress(f"an old log {sent['in a rotated log']}\n".encode()))
    (home / "page.html.br").write_bytes(brotli.compress(f"<p>{sent['in a compressed page']}</p>".encode()))
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in sent["escaped"])
    (home / "events.json").write_text(f'{{"typed": "{escaped}"}}')
    (home / f"report-{sent['in the name of a file']}.txt").touch()
    (home / "latest").symlink_to(f"/nowhere/{sent['in a link']}")
