"""The peer: the same form as `startproject` and an afternoon give it. Nothing of ours is imported."""
