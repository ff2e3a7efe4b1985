"""From sealed envelopes to incidents in the queue, and back to an analyst when more is reported."""
