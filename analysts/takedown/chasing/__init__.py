"""Until it is gone: what is due next and why, reminders, checks, and the end."""
