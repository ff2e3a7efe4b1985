"""Kinds for the history of a former system, whose file also holds what its reporters were promised to keep."""

from datetime import UTC, datetime, timedelta

from tests.proofs.privacy.kinds import register_kind
from tests.proofs.privacy.scene import Scene
from tests.proofs.visitor import HttpVisitor, Page

PAGE = "/admin/history/"
FIELDS = {"source": "former", "format": "csv", "dates": "iso", "time_zone": "UTC", "seen_by": "hotline"}
LINE = "a-line-between-parts"
IMPORT = "work_on_history"


@register_kind("history of a former system is imported", "302 302 302 302: done", slow=True)
def import_history(scene: Scene) -> str:
    """A file with a reporter's mail address and a note beside the columns that are read; all that two people do."""
    senior, colleague = scene.signed_in("senior"), scene.signed_in("senior2")
    prepared = _send_file(scene, senior, _write_file(scene))
    one = prepared.headers.get("location", PAGE)
    pages = [prepared, scene.act(senior, one, {"verdict-0": "illegal"})]
    scene.run_jobs(IMPORT)
    pages += [scene.act(senior, f"{one}request/", {}), scene.act(colleague, f"{one}approve/", {})]
    scene.run_jobs(IMPORT)
    with scene.stack.connect() as owner:
        states = owner.execute("SELECT state FROM analysts_historyimport").fetchall()
        rows = owner.execute("SELECT count(*) FROM analysts_historyrow").fetchall()
    state = ", ".join(state for (state,) in states) if rows == [(2,)] else f"{rows[0][0]} rows"
    return f"{' '.join(str(page.status) for page in pages)}: {state}"


def _write_file(scene: Scene) -> bytes:
    day = (datetime.now(UTC) - timedelta(days=30)).date()
    lines = [f"reference,address,verdict,decided,reporter,note,{scene.markers.of('name of a column')}"]
    for number in (1, 2):
        address = scene.markers.address("address of a former system")
        reporter = f"{scene.markers.of('reporter of a former system')}@example.org"
        note = scene.markers.typed("note of a former system")
        lines.append(f"{number},{address},bad,{day},{reporter},{note},{note}")
    return "\n".join(lines).encode()


def _send_file(scene: Scene, visitor: HttpVisitor, content: bytes) -> Page:
    fields = {"csrfmiddlewaretoken": visitor.cookies.get("__Host-csrf", ""), **FIELDS}
    parts = [
        f'--{LINE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}' for name, value in fields.items()
    ]
    name = scene.markers.of("file of a former system")
    head = f'--{LINE}\r\nContent-Disposition: form-data; name="file"; filename="{name}.csv"\r\n\r\n'
    body = "\r\n".join([*parts, head]).encode() + content + f"\r\n--{LINE}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={LINE}", "Sec-Fetch-Site": "same-origin"}
    return visitor.post(PAGE, body, {**headers, "Origin": f"https://{visitor.host}"})
