"""A page that a visited site might show in the workstation's own browser: it tries to read and change the batch.

It even knows the secret of the start, which no visited page can. The control is the same page against a server without
the checks.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import BrowserContext
from playwright.sync_api import Error as BrowserError

from workstation.batch_work import BatchWork
from workstation.locked_store import LockedStore
from workstation.page_server import PageHandler, PageServer
from workstation.sealed_file import open_batch

# A name of the visited site's that leads to loopback once its page is there.
REBOUND = "rebound.example"
# Rows of the target that each attempt could read; a refused one reads nothing. The last ones only change something.
ATTEMPTS = """
async target => {
    const text = answer => answer.text()
    const skip = () => new URLSearchParams({ do: 'skip' })
    const wait = () => new Promise(done => setTimeout(done, 300))
    const framed = document.body.appendChild(document.createElement('iframe'))
    const load = (element, source) => new Promise(done => {
        element.onload = element.onerror = () => done('')
        element.src = source
        document.body.append(element)
    })
    const opened = async () => {
        const other = open(target); await wait()
        try { return other.document.body.innerText } finally { other.close() }
    }
    const inFrame = async () => { framed.src = target; await wait(); return framed.contentDocument.body.innerText }
    const postInFrame = async () => {
        framed.name = 'framed'
        const form = document.body.appendChild(document.createElement('form'))
        form.method = 'post'; form.target = 'framed'; form.action = target + 'item/1'
        form.innerHTML = '<input name=do value=skip>'
        form.submit(); await wait(); return ''
    }
    const attempts = [
        () => fetch(target).then(text),
        () => fetch(target, { mode: 'no-cors' }).then(text),
        () => fetch(target + 'item/1', { method: 'POST', body: skip() }).then(text),
        () => fetch(target + 'item/1', { method: 'POST', body: skip(), mode: 'no-cors' }).then(text),
        () => load(document.createElement('script'), target).then(() => ''),
        () => load(new Image(), target).then(() => ''),
        opened, inFrame, postInFrame,
    ]
    const read = []
    for (const attempt of attempts) { try { read.push(await attempt()) } catch { read.push('') } }
    return read
}
"""


class _EmptyPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        page = b"<!doctype html><title>A visited page</title><body>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class _UncheckedHandler(PageHandler):
    """The batch's page without its checks of who asks."""

    def do_POST(self) -> None:
        with self.server.lock:
            self._act(self.path.removeprefix(self.server.base), self._read_form() or {})

    def _is_ours(self) -> bool:
        return True


@contextmanager
def _running(server: ThreadingHTTPServer) -> Iterator[int]:
    """The port of a server that answers in a thread."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def try_all(context: BrowserContext, address: str, batch: str, home: Path, passphrase: str) -> dict[str, int]:
    """Answers read and states changed by the hostile page, with the checks and without."""
    store = LockedStore.open(home / ".workstation", passphrase)
    opened = open_batch(Path(batch).read_text(encoding="ascii"), store.keys)
    number = opened.head["batch"]
    work = BatchWork(opened, {}, lambda saved: None)
    unchecked = PageServer(work, write_results=lambda: "nowhere")
    unchecked.RequestHandlerClass = _UncheckedHandler
    with (
        _running(ThreadingHTTPServer(("127.0.0.1", 0), _EmptyPage)) as port,
        _running(unchecked),
    ):
        before = json.dumps(store.load_drafts(number))
        tried, read = _attempt(context, port, address)
        after = json.dumps(store.load_drafts(number))
        _tried, read_unchecked = _attempt(context, port, f"{unchecked.origin}{unchecked.base}")
    return {
        "attempts": tried,
        "read": read,
        "changed": int(before != after),
        "read unchecked": read_unchecked,
        "changed unchecked": len(opened.incidents) - len(work.open_incidents),
    }


def _attempt(context: BrowserContext, port: int, target: str) -> tuple[int, int]:
    """The number of attempts, and how many could read something."""
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{port}/")
    read: list[str] = page.evaluate(ATTEMPTS, target)
    try:
        page.goto(target.replace("127.0.0.1", REBOUND))
        read.append(page.locator("body").inner_text())
    except BrowserError:
        # A refusal without a word is no page.
        read.append("")
    page.close()
    return len(read), sum(bool(text.strip()) for text in read)
