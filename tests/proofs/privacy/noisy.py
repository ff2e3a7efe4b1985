"""A WSGI application that leaks like a careless one: `gunicorn tests.proofs.privacy.noisy:application`.

Only for planted leaks. It writes its input, JSON by kind, to the places where such applications leave it.
"""

import gzip
import json
import logging
import os
import pickle
import sqlite3
import sys
import tempfile
import zlib
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import brotli


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    sent: dict[str, str] = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    home = Path(os.environ["HOME"])
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
    start_response("200 OK", [("Content-Type", "text/plain"), ("Cache-Control", "max-age=600")])
    return [sent["answered"].encode()]
