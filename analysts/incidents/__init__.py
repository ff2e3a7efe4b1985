"""An incident and its page frame: fingerprints, priority, locking, and the kit other rooms use for their sections."""
