"""The mail around machine-readable reports: an abuse report for programs (RFC 5965, RFC 6522), and a letter for people.

`Reported-URI`, which is optional, is left out: the reports have the addresses, in files that no mail program shows, and
a recipient may want them defanged everywhere else.
"""

from email.message import EmailMessage as MimeMessage
from email.message import Message, MIMEPart
from email.policy import Policy, default

from django.core.mail import EmailMessage

# The program that writes the report, not that of a visitor.
FEEDBACK = "Feedback-Type: abuse\nUser-Agent: reporting-portals/1\nVersion: 1\n"


class FeedbackMail(EmailMessage):
    """Mail that may have reports: its outer type then says that its second part is an abuse report."""

    has_reports = False

    def message(self, *, policy: "Policy[Message[str, str]] | None" = default) -> MimeMessage:
        message = super().message(policy=policy)
        if self.has_reports:
            message.set_type("multipart/report")
            message.set_param("report-type", "feedback-report")
        return message

    def attach_reports(self, files: tuple[tuple[str, bytes], ...]) -> None:
        """Attach the part that makes it an abuse report, and the files: name and content in JSON."""
        self.has_reports = True
        self.attach(None, FEEDBACK, "message/feedback-report")
        for name, content in files:
            part = MIMEPart()
            part.set_content(content, "application", "json", filename=name, params={"name": name})
            self.attach(part)
