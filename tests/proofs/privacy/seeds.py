"""Planted leaks: each is written by a process of its kind, in its kind of place, and the search must find all."""

import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import psycopg
from psycopg import sql

from portal_site.database import roles
from tests.proofs import web_server
from tests.proofs.ports import free_port, is_listening
from tests.proofs.privacy.markers import SEED, SEED_ADDRESS
from tests.proofs.privacy.scene import Scene
from tests.proofs.privacy.search import Hit
from tests.proofs.privacy.seeds_encoded import ANSWER_TO_PARTNER, seed_encoded
from tests.proofs.privacy.seeds_reporters import LEAKS
from tests.proofs.privacy.spelled import UNKNOWN_SPELLINGS

# A place in memory, outside the installation's folder.
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - the seed's place on purpose


@dataclass(frozen=True, slots=True)
class Seed:
    """`marker` must be found in a place of this pattern and, where it is given, in this spelling."""

    name: str
    places: str
    spelling: str = "*"
    marker: str = ""

    def is_found(self, hits: Iterable[Hit]) -> bool:
        marker = self.marker or SEED + self.name
        return any(
            hit.marker == marker and fnmatch(hit.place, self.places) and fnmatch(hit.spelling, self.spelling)
            for hit in hits
        )


APPLICATION = (
    Seed("printed", "logs/noisy.log"),
    Seed("logged", "logs/noisy.log"),
    Seed("uploaded", "tmp/upload-*"),
    Seed("cached", "home/cache.djcache > zlib"),
    Seed("in a file of sessions", "home/sessions.sqlite3", "UTF-16*"),
    Seed("in a rotated log", "home/app.log.1.gz > gzip"),
    Seed("in a compressed page", "home/page.html.br > brotli"),
    Seed("escaped", "home/events.json", "JSON escapes"),
    Seed("in the name of a file", "names of files"),
    Seed("in a link", "names of files"),
    Seed("answered", "run/noisy/cache/*"),
)
WEB_SERVER = (
    Seed("address in the access log", "logs/noisy-access.log", "plain", SEED_ADDRESS),
    Seed("query in gunicorn's access log", "logs/noisy.log"),
    Seed("address in the error log", "logs/noisy-error.log", "plain", SEED_ADDRESS),
    Seed("body in a temporary file", "run/noisy/body/*"),
)
DATABASE = (
    Seed("logged statement", "postgres/log"),
    Seed("text of an error", "postgres/log"),
    Seed("row of text", "table public.seed_row"),
    Seed("stored answer to a partner", "table public.reports_sourcerequest"),
    Seed("row of bytes", "table public.seed_row", "hexadecimal"),
    Seed("row of bytes, raw", "postgres/base/*", "plain", SEED + "row of bytes"),
    Seed("row of JSON", "table public.seed_row"),
    Seed("row of an array", "table public.seed_row"),
    Seed("inet column", "postgres/base/*", "PostgreSQL inet", SEED_ADDRESS),
    Seed("address as a number", "table public.seed_row", "decimal number", SEED_ADDRESS),
    Seed("digest of an address", "table public.seed_row", "sha256, hexadecimal", SEED_ADDRESS),
    Seed("digest of a reported address", "table public.seed_row", "sha256, hexadecimal"),
    Seed("long row that is compressed", "table public.seed_row"),
    Seed("deleted row", "postgres/base/*"),
    Seed("rolled back row", "postgres/base/*"),
    Seed("dropped table", "postgres/pg_wal/*"),
    Seed("most common value", "view pg_catalog.pg_stats"),
    Seed("comment", "table pg_catalog.pg_description"),
    Seed("large object", "table pg_catalog.pg_largeobject"),
    Seed("setting of a role", "table pg_catalog.pg_db_role_setting"),
    Seed("sort on the disk", "postgres/base/pgsql_tmp/*"),
    Seed("dump of the database", "backup/seeds.dump > zlib*", marker=SEED + "row of text"),
)
STAFF = (
    Seed("session", "table public.django_session > base64 > zlib"),
    Seed("audit record", "table public.audit_auditevent"),
    Seed("subject of a mail", "mail/*"),
    Seed("text of a mail", "mail/*"),
    Seed("fact in a log", "logs/manage.log"),
)
REPORTED = f"{SEED}digest of a reported address"
OUTSIDE = (Seed("outside the folder", "outside: *"),)
# Not markers but times, which other questions must find: by what answers them.
TIMES = {
    "time to the second": "seed_time.at",
    "id that carries a time": "seed_time.id",
    "time in a log": "logs/noisy-access.log:1",
}
# Leaks by what they do, which need no spelling: patterns of what the lists of files, lines and the database find ...
EFFECTS = {
    **{f"file in {name}": f"new: home/leak-{name}" for name in UNKNOWN_SPELLINGS},
    "file in one language only": "new: home/leak-of-one-language",
    "time of a file": "a time of its own: home/events.json",
    "user agent in base85 in a log": "an odd line: logs/planted.log:2",
    "encoded name of an error in a log": "an odd line: logs/planted.log:4",
    "encoded line of a mail": "an odd line: mail/*",
    "encoded name of a connection": f"an odd connection: {roles.PUBLIC}",
    "encoded name of a connection of the surface of sources": f"an odd connection: {roles.SOURCES}",
    "encoded name of a connection that writes nothing": f"an odd connection: {roles.STAFF}",
    "encoded arguments of a job that is gone": "an odd job: worker",
    "encoded notification": "an odd notification",
    "digest without a receipt's key": "an odd value: reports_submission digest",
    "value in a stored answer to a partner": "an odd value: reports_sourcerequest answer",
    "event of each report": "an odd event: worker",
    "new table": "relation public.seed_row",
    "new large object": "large object *",
    "new setting of a role": "setting *",
    **{name: finding for name, (_leak, finding) in LEAKS.items()},
    "column that the surface of sources may not write": "sources: UPDATE reports_sourceitem is_closed",
    "column that the worker may not write": "worker: UPDATE countries_portal access_phrase",
}
# ... and what the list of system calls finds: name of the call, and what it has to name.
EFFECTIVE_CALLS = {
    **{f"call for the file in {name}": ("openat", f'/home/leak-{name}"') for name in UNKNOWN_SPELLINGS},
    "call for the file in one language only": ("openat", '/home/leak-of-one-language"'),
    "call for the time of a file": ("utimensat", '/home/events.json"'),
    "packet": ("sendto", "sin_port=htons(9)"),
    "connection to a reported host": ("connect", "sin_port=htons(9)"),
    "name of a thread": ("prctl", "PR_SET_NAME"),
    "look-up as a user name": ("getpwnam", "looked up"),
}
SEEDS = (*APPLICATION, *WEB_SERVER, *DATABASE, *STAFF, *OUTSIDE)
ALL_SEEDS = (*SEEDS, *TIMES, *EFFECTS, *EFFECTIVE_CALLS)
EFFECTIVE_MARKERS = (
    *("user agent in a log", "in a packet", "in one language only", "in the name of an error"),
    "in the name of a thread",
)


@contextmanager
def plant_seeds(scene: Scene) -> Iterator[None]:
    """Plant all of them; on leaving, remove those outside the installation's folder."""
    outside = SHARED_MEMORY / f"{scene.stack.folder.name}-seed"

    def marker(name: str) -> str:
        return scene.markers.of(SEED + name)

    try:
        _seed_application(scene, marker)
        with scene.stack.connect() as session:
            _seed_database(scene, session, marker)
            _seed_staff(scene, marker)
            leak = marker("outside the folder").encode()
            subprocess.run(["tee", str(outside)], input=leak, stdout=subprocess.DEVNULL, check=True)
            name = UNKNOWN_SPELLINGS["base85"](marker("in unknown spellings").encode()).decode()
            with psycopg.connect(session.info.dsn, user=roles.STAFF, application_name=name):
                yield
    finally:
        for name in ("noisy-nginx", "noisy"):
            scene.stack.stop_process(name)
        outside.unlink(missing_ok=True)


# --- A careless application behind a careless web server ------------------------------------------

NGINX = """
error_log {folder}/logs/noisy-error.log info;
pid {folder}/run/noisy.pid;
events {{ }}
http {{
    access_log {folder}/logs/noisy-access.log;
    client_body_in_file_only on;
    client_body_temp_path {folder}/run/noisy/body;
    proxy_temp_path {folder}/run/noisy/proxy;
    fastcgi_temp_path {folder}/run/noisy/fastcgi;
    uwsgi_temp_path {folder}/run/noisy/uwsgi;
    scgi_temp_path {folder}/run/noisy/scgi;
    proxy_cache_path {folder}/run/noisy/cache keys_zone=noisy:1m;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://unix:{folder}/run/noisy.sock:;
            proxy_cache noisy;
            proxy_cache_methods POST;
        }}
        location /nothing/ {{ proxy_pass http://unix:{folder}/run/nothing.sock:; }}
    }}
}}
"""


def _seed_application(scene: Scene, marker: Callable[[str], str]) -> None:
    stack, folder = scene.stack, scene.stack.folder
    stock = ("--logger-class", "gunicorn.glogging.Logger", "--access-logfile", "-", "--capture-output")
    stack.start_gunicorn("noisy", stack.environment_of("public"), *stock, "tests.proofs.privacy.noisy:application")
    port = free_port()
    (folder / "run" / "noisy").mkdir()
    settings = folder / "run" / "noisy.conf"
    settings.write_text(("user root;" if os.geteuid() == 0 else "") + NGINX.format(folder=folder, port=port))
    command = [web_server.find_nginx(), "-e", "stderr", "-p", str(folder), "-c", str(settings), "-g", "daemon off;"]
    stack.start_process("noisy-nginx", command, {"PATH": web_server.FOLDERS})
    stack.wait_for("noisy-nginx", lambda: is_listening(("127.0.0.1", port)))
    visitor = stack.visitor(peer=scene.markers.seed_peer)
    visitor.tls, visitor.port = None, port
    sent = {seed.name: marker(seed.name) for seed in (*APPLICATION, *WEB_SERVER)}
    query = sent["query in gunicorn's access log"]
    visitor.post(f"/?{query}", json.dumps(sent | {"body": sent["body in a temporary file"]}).encode())
    visitor.get("/nothing/")
    effects = {"in unknown spellings": marker("in unknown spellings"), "where to": scene.markers.seed_peer}
    effects |= {name: marker(name) for name in EFFECTIVE_MARKERS}
    for path in ("effects/", *(home[1:] for home in scene.homes())):
        visitor.post(f"/{path}", json.dumps(sent | effects).encode())
    visitor.close()


# --- The database ---------------------------------------------------------------------------------


def _seed_database(scene: Scene, session: psycopg.Connection, marker: Callable[[str], str]) -> None:
    run = session.execute
    address = scene.markers.seed_peer
    run("SET log_statement = 'all'")
    run(sql.SQL("SELECT {}").format(sql.Literal(marker("logged statement"))))
    run("RESET log_statement")
    with suppress(psycopg.DataError):
        run("SELECT %s::text::integer", [marker("text of an error")])
    run(ANSWER_TO_PARTNER, [marker("stored answer to a partner")])
    run("CREATE TABLE seed_row (words text, data bytea, fields jsonb, several text[], seen inet, number text)")
    run(
        "INSERT INTO seed_row VALUES (%s, %s, %s, %s, %s, %s)",
        [
            marker("row of text"),
            marker("row of bytes").encode(),
            json.dumps({"typed": marker("row of JSON")}),
            [marker("row of an array")],
            address,
            str(int.from_bytes(bytes(map(int, address.split("."))))),
        ],
    )
    digest = hashlib.sha256(address.encode()).hexdigest()
    run("INSERT INTO seed_row (words) VALUES (%s), (%s)", [marker("long row that is compressed") * 2000, digest])
    reported = hashlib.sha256(scene.markers.address(REPORTED).encode()).hexdigest()
    run("INSERT INTO seed_row (words) VALUES (%s)", [reported])
    seed_encoded(session, UNKNOWN_SPELLINGS["base58"](marker("in unknown spellings").encode()).decode())
    run("INSERT INTO seed_row (words) VALUES (%s)", [marker("deleted row")])
    run("DELETE FROM seed_row WHERE words = %s", [marker("deleted row")])
    run("BEGIN")
    run("INSERT INTO seed_row (words) VALUES (%s)", [marker("rolled back row")])
    run("ROLLBACK")
    run("CREATE TABLE seed_dropped (words text)")
    # With one, the log of changes may begin a new page within the words.
    run("INSERT INTO seed_dropped SELECT %s FROM generate_series(1, 3)", [marker("dropped table")])
    run("DROP TABLE seed_dropped")
    run("CREATE TABLE seed_common (words text)")
    run("INSERT INTO seed_common SELECT %s FROM generate_series(1, 20)", [marker("most common value")])
    run("ANALYZE seed_common")
    run(sql.SQL("COMMENT ON TABLE seed_common IS {}").format(sql.Literal(marker("comment"))))
    run("CREATE TABLE seed_time (id uuid, at timestamptz)")
    run("INSERT INTO seed_time VALUES ('01936000-0000-7000-8000-000000000000', '2026-11-24 18:30:01Z')")
    run("SELECT lo_from_bytea(0, %s)", [marker("large object").encode()])
    setting = sql.Literal(marker("setting of a role"))
    run(sql.SQL("ALTER ROLE postgres SET application_name = {}").format(setting))
    # Stays on the disk as long as this session is open.
    run("SET work_mem = '64kB'")
    run("BEGIN")
    rows = "SELECT CASE n WHEN 1 THEN {} ELSE repeat('x', 100) END FROM generate_series(1, 5000) AS n"
    spilled = sql.SQL(rows).format(sql.Literal(marker("sort on the disk")))
    run(sql.SQL("DECLARE spilled CURSOR WITH HOLD FOR {}").format(spilled))
    run("COMMIT")
    run("CHECKPOINT")
    scene.program("pg_dump", "-Fc", "-f", str(scene.backups / "seeds.dump"), scene.stack.database["dbname"])


# --- Leaks of a staff process -----------------------------------------------------------------------

LEAVE = """
import logging
from django.contrib.sessions.backends.db import SessionStore
from django.core.mail import send_mail
from django.db import connection, transaction
from audit.actions import record_event
seeds = {seeds!r}
session = SessionStore()
session["searched"] = [seeds["session"]] * 20
session.save()
with transaction.atomic():
    record_event(by=None, action="seed", details={{"typed": seeds["audit record"]}})
with transaction.atomic():
    connection.cursor().execute("SET LOCAL application_name = 'worker'")
    record_event(by=None, action="report.stored")
send_mail("\u00e9 " + seeds["subject of a mail"], seeds["text of a mail"], None, ["duty@example.org"])
logging.getLogger("reports").error("", extra={{"fact": seeds["fact in a log"]}})
"""


def _seed_staff(scene: Scene, marker: Callable[[str], str]) -> None:
    seeds = {seed.name: marker(seed.name) for seed in STAFF}
    scene.shell(LEAVE.format(seeds=seeds))
