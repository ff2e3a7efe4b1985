"""Limits on the cost of a request; read by the proof and in the process that it measures."""

# So many times the ordinary request of its kind.
MOST_TIMES = 5
# Below these nothing is a finding: about what it takes to read any body of half a megabyte and to show it again.
FLOOR_SECONDS = 0.15
FLOOR_BYTES = 16 * 1024 * 1024
