"""Following a takedown until removal: to-do list, reminders, availability checks, escalation and the end."""
