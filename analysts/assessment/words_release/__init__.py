"""Release of a reporter's words: sentence by sentence, by two people, into the inbox of a verified recipient."""
