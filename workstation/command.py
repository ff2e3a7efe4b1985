"""The commands of the isolated workstation. docs/guides/workstation.md says how they are used.

    python3 -m workstation make-keys               create this workstation's keys, and the file of public keys to carry
    python3 -m workstation show-keys               show the short numbers of the public keys, to compare
    python3 -m workstation trust KEY               accept batches that the hotline signs with this key
    python3 -m workstation check BATCH             check that a batch is complete and for this workstation
    python3 -m workstation serve BATCH             open the page of the batch on this machine
    python3 -m workstation results BATCH RESULTS   write the results so far
    python3 -m workstation erase BATCH             erase the batch and its drafts

They read and write only the files named, and their own folder (--folder). `serve` listens on the loopback interface.
"""

import argparse
import getpass
import sys
from datetime import UTC, datetime
from pathlib import Path

from workstation.batch_work import BatchWork, as_moment
from workstation.locked_store import LockedStore
from workstation.page_server import PageServer
from workstation.sealed_file import (
    FileFault,
    OpenBatch,
    generate_keys,
    key_id,
    open_batch,
    parse_public_key,
    write_results,
)

PUBLIC_FILE = "workstation.public"


def read_passphrase(options: argparse.Namespace, *, twice: bool = False) -> str:
    if options.passphrase_stdin:
        return sys.stdin.readline().rstrip("\n")
    passphrase = getpass.getpass("Passphrase: ")
    if twice and getpass.getpass("Again: ") != passphrase:
        raise FileFault("The two passphrases differ.")
    return passphrase


def make_keys(options: argparse.Namespace) -> None:
    store = LockedStore.create(options.folder, read_passphrase(options, twice=True), generate_keys())
    public = options.folder / PUBLIC_FILE
    public.write_text(store.keys.public_text(), encoding="ascii")
    print(f"Carry {public} to an administrator, who registers its two lines. Compare these numbers there:")
    print_key_ids(store)


def print_key_ids(store: LockedStore) -> None:
    print(f"signing key  {key_id(store.keys.signing_public)}")
    print(f"sealing key  {key_id(store.keys.sealing_public)}")
    print(f"hotline key  {key_id(store.keys.hotline) if store.keys.hotline else 'not known yet: run trust'}")


def read_batch(path: Path, store: LockedStore) -> OpenBatch:
    return open_batch(path.read_text(encoding="ascii", errors="replace"), store.keys)


def open_work(batch: OpenBatch, store: LockedStore) -> BatchWork:
    number = batch.head["batch"]
    return BatchWork(batch, store.load_drafts(number), lambda saved: store.save_drafts(number, saved))


def write_file(work: BatchWork, store: LockedStore, path: Path) -> str:
    """Write the results so far to `path`, and return its name."""
    content = write_results(work.batch, work.results(), store.keys, made_at=as_moment(datetime.now(UTC)))
    path.write_text(content, encoding="ascii")
    return str(path)


def serve_batch(options: argparse.Namespace, batch: OpenBatch, store: LockedStore) -> None:
    work, out = open_work(batch, store), options.results or options.batch.with_suffix(".results")
    with PageServer(
        work, write_results=lambda: write_file(work, store, out), browser=options.browser, port=options.port
    ) as server:
        print(f"Open {server.origin}{server.base} in this machine's browser. Ctrl-C ends it.", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
        work.hide(now=datetime.now(UTC))


def run_command(options: argparse.Namespace) -> None:
    if options.command == "make-keys":
        make_keys(options)
        return
    store = LockedStore.open(options.folder, read_passphrase(options))
    match options.command:
        case "show-keys":
            print_key_ids(store)
        case "trust":
            store.trust(parse_public_key(options.key))
            print_key_ids(store)
        case "erase":
            store.erase_drafts(read_batch(options.batch, store).head["batch"])
            options.batch.unlink()
            print("Erased. Erase the medium that carried it too.")
        case "check":
            batch = read_batch(options.batch, store)
            until = datetime.fromisoformat(batch.head["until"]).astimezone()
            print(f"Complete and valid: {len(batch.incidents)} incidents, back in the queue at {until:%H:%M}.")
        case "results":
            work = open_work(read_batch(options.batch, store), store)
            print(f"Written: {write_file(work, store, options.results)}, {len(work.results())} results.")
        case _:
            serve_batch(options, read_batch(options.batch, store), store)


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m workstation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--folder", type=Path, default=Path.home() / ".workstation", help="this workstation's own files"
    )
    parser.add_argument("--passphrase-stdin", action="store_true", help="read the passphrase from the standard input")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("make-keys")
    commands.add_parser("show-keys")
    commands.add_parser("trust").add_argument("key")
    for name in ("check", "erase"):
        commands.add_parser(name).add_argument("batch", type=Path)
    results = commands.add_parser("results")
    results.add_argument("batch", type=Path)
    results.add_argument("results", type=Path)
    serve = commands.add_parser("serve")
    serve.add_argument("batch", type=Path)
    serve.add_argument("--results", type=Path, help="the file of results; default: beside the batch")
    serve.add_argument("--browser", default="", help="a program that gets an address as its only argument")
    serve.add_argument("--port", type=int, default=0, help="default: any free port")
    return parser


def main(arguments: list[str] | None = None) -> int:
    try:
        run_command(build_parser().parse_args(arguments))
    except (FileFault, OSError) as fault:
        print(f"workstation: {fault}", file=sys.stderr)
        return 1
    return 0
