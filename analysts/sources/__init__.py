"""Sources: partner organisations whose systems send reports, their keys, and how good their reports are."""
