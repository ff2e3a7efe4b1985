"""Kinds for failures while a reporter waits: of the database, the key, a worker, the code itself."""

import signal
import time

import psutil
from psycopg import sql

from portal_site.database import embedded, roles
from tests.proofs.privacy.kinds import register_kind
from tests.proofs.privacy.kinds.partners import make_item, send_items
from tests.proofs.privacy.scene import GONE, Later, Scene, SqlStatement

# No report is stored while this session holds the lock; the server would end a session that idles with one.
HOLD = (
    "SET idle_in_transaction_session_timeout = 0",
    "BEGIN",
    "LOCK TABLE reports_receipt IN EXCLUSIVE MODE",
)
# Seconds: the time-outs of gunicorn and of the web server together, and a little more.
TIME_OUT_SECONDS = 60
HEAD_SECONDS = 32
MORE_SECONDS = 40


@register_kind("the workers start, and what was sent is taken in")
def start_workers(scene: Scene) -> None:
    """Only here, so that report and details are taken in together in any run, and not by where their seconds fall."""
    scene.await_intake()
    scene.stack.start_worker()
    scene.run_jobs("take_in_replies", "publish")


@register_kind("the database is down during reports of a visitor and a partner", "503, 503")
def database_down(scene: Scene) -> str:
    visitor = scene.visitor()
    token = scene.form(visitor)
    embedded.stop_server(scene.stack.folder)
    try:
        fields = {"token": token, "addresses": scene.markers.address("address without a database")}
        found = visitor.post(f"{scene.portal}report/", fields).status
        visitor.post(f"{scene.portal}status/", {"code": scene.unknown_code()})
        visitor.post(
            f"{scene.portal}details/",
            {"token": token, "description": scene.markers.typed("details without a database")},
        )
        scene.visitor("staff").get(f"/admin/queue/?{scene.markers.of('query')}=1")
        partners = send_items(scene, make_item(scene, "partner's report without a database")).status
    finally:
        scene.stack.start_postgres()
    return f"{found}, {partners}"


@register_kind("the database crashes during a report", 503)
def database_crash(scene: Scene) -> int:
    visitor = scene.visitor()
    token = scene.form(visitor)
    scene.stack.crash_postgres()
    try:
        fields = {"token": token, "addresses": scene.markers.address("address in a crash")}
        return visitor.post(f"{scene.portal}report/", fields).status
    finally:
        scene.stack.start_postgres()


@register_kind("after a crash", 200)
def after_a_crash(scene: Scene) -> int:
    return scene.report(scene.visitor(), scene.markers.address("address after a crash")).status


@register_kind("the database refuses to write", 503)
def read_only(scene: Scene) -> int:
    """Make the database read-only, which fails in the middle of the statement like a full disk."""
    public = sql.Identifier(roles.PUBLIC)
    refuse = sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(public)
    again = sql.SQL("ALTER ROLE {} RESET default_transaction_read_only").format(public)
    return _with_new_sessions(scene, refuse, again, "address on a full disk")


@register_kind("the database's role may not write", 503)
def no_privilege(scene: Scene) -> int:
    public = sql.Identifier(roles.PUBLIC)
    revoke = sql.SQL("REVOKE INSERT ON reports_submission FROM {}").format(public)
    grant = sql.SQL("GRANT INSERT ON reports_submission TO {}").format(public)
    return _with_new_sessions(scene, revoke, grant, "address without a privilege")


@register_kind("the sealing key is closed", 503)
def no_open_key(scene: Scene) -> int:
    close = "UPDATE reports_sealingkey SET state = 'closed' WHERE state = 'open'"
    again = "UPDATE reports_sealingkey SET state = 'open' WHERE state = 'closed'"
    return _with_new_sessions(scene, close, again, "address under a closed key")


def _with_new_sessions(scene: Scene, broken: SqlStatement, mended: SqlStatement, address: str) -> int:
    """Report while `broken` holds, in sessions that began after it."""
    sessions = sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = {}")
    ended = sessions.format(sql.Literal(roles.PUBLIC))
    with scene.database(broken, ended, afterwards=[mended, ended]):
        return scene.report(scene.visitor(), scene.markers.address(address)).status


@register_kind("no sealing key at all", 503)
def no_key(scene: Scene) -> int:
    keys = scene.stack.folder / "public-server" / "public"
    keys.rename(keys.with_name("away"))
    try:
        return scene.report(scene.visitor(), scene.markers.address("address without a key")).status
    finally:
        keys.with_name("away").rename(keys)


@register_kind("an unhandled error", 500)
def code_error(scene: Scene) -> int:
    """A damaged row causes an unexpected error while the code holds a receipt and an answer."""
    sent, outcomes = scene.sent[0], "SELECT outcomes::text FROM reports_receipt WHERE id = %s"
    with scene.stack.connect() as owner:
        [stored] = owner.execute(outcomes, [sent.receipt_id]).fetchall()[0]
    change = sql.SQL("UPDATE reports_receipt SET outcomes = {} WHERE id = {}")
    broken, mended = (change.format(text, sent.receipt_id) for text in ('["damaged"]', stored))
    with scene.database(broken, afterwards=[mended]):
        fields = {"code": sent.code, "answer": scene.markers.typed("answer in an error"), "message": ""}
        return scene.visitor().post(f"{scene.portal}status/", fields).status


@register_kind("an unhandled error at the surface of sources", 500)
def sources_error(scene: Scene) -> int:
    """The stored answer to a request is damaged, which is then sent again."""
    item, which = make_item(scene, "partner's report before an error"), scene.markers.of("repeated request")
    send_items(scene, item, request_key=which)
    damage = "UPDATE reports_sourcerequest SET answer = '[7]' WHERE jsonb_array_length(answer) = 1"
    mend = """UPDATE reports_sourcerequest SET answer = '[{"item": 0, "outcome": "accepted"}]' WHERE answer = '[7]'"""
    with scene.database(damage, afterwards=[mend]):
        return send_items(scene, item, request_key=which).status


@register_kind("a worker is killed during a report", 200)
def worker_killed(scene: Scene) -> str:
    with scene.database(*HOLD, afterwards=["ROLLBACK"]) as owner:
        waiting = _waiting_report(scene, "address in a killed worker")
        # Text that the database shows of a statement that waits.
        shown = owner.execute("SELECT * FROM pg_stat_activity").fetchall()
        scene.note("\n".join(map(str, shown)))
        for worker in psutil.Process(scene.stack.processes["public"].pid).children():
            worker.send_signal(signal.SIGKILL)
    # The web server has retried by now.
    return waiting.end(MORE_SECONDS)


def _waiting_report(scene: Scene, address: str) -> Later:
    """A report that waits inside the database for a lock of the caller's."""
    visitor = scene.visitor()
    fields = {"token": scene.form(visitor), "addresses": scene.markers.address(address)}
    waiting = scene.later(lambda: str(visitor.post(f"{scene.portal}report/", fields).status))
    with scene.stack.connect() as owner:
        end = time.monotonic() + MORE_SECONDS
        while not owner.execute("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'").fetchall():
            if time.monotonic() > end:
                raise RuntimeError("The report never reached the database.")
            time.sleep(0.02)
    return waiting


@register_kind("the surface is stopped", 502, slow=True)
def surface_stopped(scene: Scene) -> int:
    visitor = scene.visitor()
    scene.stack.stop_process("public")
    try:
        fields = {"addresses": scene.markers.address("address at a stopped surface")}
        return visitor.post(f"{scene.portal}report/", fields).status
    finally:
        scene.stack.start_surface("public")


@register_kind("the surface is killed", 502)
def surface_killed(scene: Scene) -> int:
    visitor = scene.visitor()
    scene.stack.kill_process("public")
    (scene.stack.folder / "run" / "public.sock").unlink(missing_ok=True)
    try:
        fields = {"addresses": scene.markers.address("address at a killed surface")}
        return visitor.post(f"{scene.portal}report/", fields).status
    finally:
        scene.stack.start_surface("public")


@register_kind("time-outs of a head, of a worker and of the database", "no answer, 200, 200", slow=True)
def time_outs(scene: Scene) -> str:
    """Workers that hang, one of them in the database: the web server gives up each and retries, gunicorn kills them a
    moment later, and the retry is answered once the database is free.
    """
    visitor = scene.visitor()
    fields = {"token": scene.form(visitor), "addresses": scene.markers.address("address in a worker that hangs")}
    with scene.database(*HOLD, afterwards=["ROLLBACK"]):
        in_database = _waiting_report(scene, "address that waited in the database")
        slow_head = scene.later(lambda: _slow_head(scene))
        for worker in psutil.Process(scene.stack.processes["public"].pid).children():
            worker.suspend()
        in_worker = scene.later(lambda: str(visitor.post(f"{scene.portal}report/", fields).status))
        time.sleep(TIME_OUT_SECONDS + 2)
    return ", ".join(each.end(MORE_SECONDS) for each in (slow_head, in_worker, in_database))


def _slow_head(scene: Scene) -> str:
    """A head that takes longer than the web server waits for it (client_header_timeout)."""
    with scene.visitor().socket() as connection:
        connection.sendall(scene.lines(f"GET {scene.portal} HTTP/1.1")[:-2])
        time.sleep(HEAD_SECONDS)
        connection.sendall(f"X-Slow: {scene.markers.of('slow header')}\r\n\r\n".encode())
        return GONE if not connection.recv(1) else "an answer"
