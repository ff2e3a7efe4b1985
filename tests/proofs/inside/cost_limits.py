"""Limits on the cost of a request; read by the proof and in the process that it measures."""

from functools import cache
from time import process_time
from urllib.parse import parse_qsl

from tests.proofs.costly_texts import MOST_BYTES

# So many times the ordinary request of its kind.
MOST_TIMES = 5
# Below these nothing is a finding: about what it takes to read any body of half a megabyte and to show it again.
FLOOR_DECODINGS = 5
FLOOR_BYTES = 16 * 1024 * 1024
_ROUNDS = 5


def measure_floor() -> float:
    """FLOOR_DECODINGS times the processor time in which this machine now decodes such a body, escaped throughout:
    machines differ by half, and one whose processors share a core, by as much with what else it does."""
    body = "text=" + "%3B" * (MOST_BYTES // len("%3B"))
    began = process_time()
    parse_qsl(body)
    return FLOOR_DECODINGS * (process_time() - began)


@cache
def lowest_floor() -> float:
    return min(measure_floor() for _ in range(_ROUNDS))
