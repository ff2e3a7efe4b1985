"""The workspace in which operators prepare, launch, change and suspend a portal."""
