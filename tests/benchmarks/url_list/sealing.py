"""Seals addresses as `analysts.incidents.contents.storing.seal_copy` does, in processes without a database."""

import uuid
from collections.abc import Callable, Iterable, Iterator

from reports import sealing

# The size of one task of a process.
CHUNK = 1000
type Sealed = tuple[int, uuid.UUID, uuid.UUID, bytes]
type SealingTask = tuple[str, bytes, int, int]
# `map`, perhaps over processes.
type Spread = Callable[[Callable[[SealingTask], list[Sealed]], Iterable[SealingTask]], Iterable[list[Sealed]]]


def seal_versions(task: SealingTask) -> list[Sealed]:
    """(version, id, incident, sealed bytes) of the versions from the first to the last."""
    key_id, raw, first, last = task
    key = sealing.PublicKey(key_id, raw)
    return list(_seal_each(key, first, last))


def _seal_each(key: sealing.PublicKey, first: int, last: int) -> Iterator[Sealed]:
    for version in range(first, last + 1):
        entry, incident = uuid.uuid4(), uuid.uuid4()
        # As `sealing_contexts.copy_info` has it, which knows models: these processes read no settings.
        info = sealing.build_info(key_class="addresses", portal="", receipt=incident, kind=f"urllistentry:{entry}")
        address = f"https://host-{version % 5000}.example.org/gallery/{version}?page={version % 7}"
        yield version, entry, incident, sealing.seal_json({"address": address}, to=key, info=info)
