"""A person at the staff site's pages of batches, over HTTP."""

import re
import secrets
from dataclasses import dataclass, field

from tests.proofs.stack import Stack
from tests.proofs.visitor import HttpVisitor


@dataclass
class BatchDesk:
    """Signs in; each act raises RuntimeError where it is refused."""

    stack: Stack
    username: str
    password: str
    visitor: HttpVisitor = field(init=False)

    def __post_init__(self) -> None:
        self.visitor = self.stack.visitor("staff")
        self.visitor.sign_in(self.username, self.password)

    def draw(self, workstation: str, count: int) -> str:
        """The id of the batch that is drawn."""
        chosen = {"kinds": "first", "workstation": workstation, "count": str(count)}
        self._expect(302, "draw/", chosen)
        with self.stack.connect() as database:
            [row] = database.execute("SELECT id FROM analysts_batch ORDER BY at DESC LIMIT 1").fetchall()
        return str(row[0])

    def download(self, batch: str) -> bytes:
        return self._expect(200, "file/", {"batch": batch})

    def revoke(self, batch: str) -> None:
        self._expect(302, "revoke/", {"batch": batch})

    def bring(self, results: bytes) -> dict[str, int]:
        """Import a file of results; the number of lines by their outcome."""
        token, boundary = self.visitor.cookies["__Host-csrf"], secrets.token_hex(16)
        parts = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="batch.results"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        page = self.visitor.post(
            "/admin/batches/results/",
            parts.encode() + results + f"\r\n--{boundary}--\r\n".encode(),
            {
                "Content-Type": f"multipart/form-data; boundary={boundary}",
                "Origin": f"https://{self.visitor.host}",
                "Sec-Fetch-Site": "same-origin",
            },
        )
        if page.status != 200:
            raise RuntimeError(f"The results were not read (status {page.status}).")
        return {name: int(number) for name, number in re.findall(r"<li>([^<:]+): (\d+)</li>", page.text)}

    def _expect(self, status: int, act: str, sent: dict[str, str]) -> bytes:
        page = self.visitor.post_form(f"/admin/batches/{act}", sent)
        if page.status != status:
            problem = re.findall(r'role="alert".*?</div>', page.text, re.DOTALL)
            raise RuntimeError(f"{self.username} could not {act} (status {page.status}): {problem}")
        return page.body
