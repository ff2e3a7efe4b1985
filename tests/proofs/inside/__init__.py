"""Functions that proofs run inside the product: with its settings, models and database role (`tests.proofs.calling`).

Each takes and returns JSON values.
"""

# The advisory lock at which the processes of a proof wait until all are ready.
GATE = 0x67617465
