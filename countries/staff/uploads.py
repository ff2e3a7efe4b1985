"""Uploaded files are held in memory only: none may reach a temporary folder."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from countries.staff.pictures import LARGEST_UPLOAD


class MemoryOnly(FileUploadHandler):
    """Keeps a file's beginning, one byte more than may be uploaded: enough to refuse it with words.

    Django's own handler in memory drops a request's files without a word where they are too large.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._file = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._file.write(raw_data[: max(0, LARGEST_UPLOAD + 1 - self._file.tell())])

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        size = self._file.tell()
        self._file.seek(0)
        return InMemoryUploadedFile(
            self._file, self.field_name, self.file_name or "", self.content_type or "", size, self.charset
        )
