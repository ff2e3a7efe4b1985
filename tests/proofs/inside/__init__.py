"""What a proof runs inside the product: with its settings, its models and its database role (`tests.proofs.calling`).

Each function takes and returns what JSON can say.
"""

# The advisory lock at which the processes of a proof wait until all of them are there.
GATE = 0x67617465
