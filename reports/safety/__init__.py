"""Three checks of what reporters type, none of which leaves a trace.

| module | finds | what comes of it |
| --- | --- | --- |
| `crisis` | words of a reporter in need, by theme | stored as usual; the answer begins with whom to call |
| `personal` | an e-mail address or a telephone number among the words | shown again: a tick sends it |
| `files` | a file pasted as text | taken out before anything else looks at the text, and refused |

Every check is a pure function of the text. Its result decides what the next page shows and nothing else: it is not
stored, not sealed, not logged and not audited, and it asks the database nothing.
"""

from reports.safety.crisis import find_help_page, in_crisis
from reports.safety.files import without_files
from reports.safety.personal import Personal, is_contact, personal_in

__all__ = ["Personal", "find_help_page", "in_crisis", "is_contact", "personal_in", "without_files"]
