"""A multipart body, piece by piece: parameters, and what is in a file. Pure: nothing is stored here.

What FreeSWITCH calls the part of a recorded call is garbage, so a file is known by having a filename.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from multipart import MultipartSegment, PushMultipartParser, parse_options_header

from call_control.httapi.request import MAX_BODY, MAX_PARAMETERS

__all__ = ["FileBegan", "FileEnded", "Form"]


class FileBegan(NamedTuple):
    """A file follows; `name` is what its sender calls it."""

    name: str


class FileEnded(NamedTuple):
    """That was all of it."""


MAX_FILES: Final = 8


class Form:
    """One body. Raises ValueError for what is no multipart, or too much of it."""

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        if kind != "multipart/form-data" or not options.get("boundary"):
            raise ValueError("is no multipart/form-data with a boundary")
        self.parameters: list[tuple[str, str]] = []
        self._parser = PushMultipartParser(options["boundary"], max_segment_count=MAX_PARAMETERS)
        self._segment: MultipartSegment | None = None
        self._value = bytearray()
        self._taken = 0
        self._files = 0

    def feed(self, chunk: bytes) -> Iterator[FileBegan | FileEnded | bytes]:
        """What a file holds, between its beginning and its end; parameters go to `parameters`."""
        for event in self._parser.parse(chunk):
            if isinstance(event, MultipartSegment):
                self._segment = event
                if event.filename is not None:
                    self._files += 1
                    if self._files > MAX_FILES:
                        raise ValueError(f"has more than {MAX_FILES} files")
                    yield FileBegan(event.filename)
            elif self._segment is None:
                continue
            elif self._segment.filename is not None:
                yield FileEnded() if event is None else bytes(event)
            elif event is None:
                self.parameters.append((self._segment.name, self._value.decode("utf-8", "replace")))
                self._value.clear()
            else:
                self._taken += len(event)
                if self._taken > MAX_BODY:
                    raise ValueError(f"has more than {MAX_BODY} bytes of parameters")
                self._value += event

    def close(self) -> None:
        """The body is over. Raises ValueError when it ended in the middle."""
        self._parser.close()
