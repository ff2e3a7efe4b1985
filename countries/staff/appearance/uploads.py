"""Upload handler that keeps files in memory, so that none reaches a temporary folder."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from countries.staff.appearance.pictures import LARGEST_UPLOAD


class MemoryOnly(FileUploadHandler):
    """Keeps up to one byte more than LARGEST_UPLOAD, so that a form can refuse larger files with a message.

    Django's in-memory handler would silently drop files of a request that is too large.
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
