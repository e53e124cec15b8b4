"""Standard output and error as they may be: closed, full, a pipe whose reader has left, a terminal that is gone.

No command fails over them in its middle: what cannot be written is dropped, and the way out says so. Libraries' own
words, on descriptors 1 and 2, are heard only with --debug: an answer is ours alone, and so is an error's one line.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_OUT, _ERR = 1, 2


class Stream(io.TextIOWrapper):
    """Text to a descriptor. `lost` says why something could not be written; a reader that left is no loss."""

    lost = ""

    def __init__(self, descriptor: int, encoding: str) -> None:
        # Nothing may fail over a letter that the terminal lacks.
        super().__init__(
            io.FileIO(descriptor, "w", closefd=False), encoding, "backslashreplace", write_through=True
        )
        self._terminal = os.isatty(descriptor)

    def write(self, text: str) -> int:
        """Write all of it, or note that it is lost."""
        left = memoryview(text.encode(self.encoding, "backslashreplace"))
        try:
            while left:
                left = left[os.write(self.fileno(), left) :]
        except BrokenPipeError:
            pass
        except OSError as error:
            if error.errno == errno.EIO and self._terminal:
                return len(text)  # it was closed: its reader left
            self.lost = (error.strerror or "not written").lower()
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""


def fill() -> None:
    """Open closed standard descriptors as /dev/null.

    Else the next file that is opened would be what a library takes for its screen, and get what that prints.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free


@contextmanager
def own(debug: bool = False) -> Iterator[Stream | None]:
    """Keep the process's output and error for us while the block runs; yields stdout, None where it is redirected.

    With `debug` libraries speak on them too.
    """
    if not (_is(sys.__stdout__, sys.stdout, _OUT) and _is(sys.__stderr__, sys.stderr, _ERR)):
        yield None
        return
    fill()
    before, kept = (sys.stdout, sys.stderr), (os.dup(_OUT), os.dup(_ERR))
    encodings = [getattr(stream, "encoding", None) or "utf-8" for stream in before]
    streams = [Stream(number, encoding) for number, encoding in zip(kept, encodings, strict=True)]
    if not debug:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, _OUT)
        os.dup2(nowhere, _ERR)
        os.close(nowhere)
    sys.stdout, sys.stderr = streams
    try:
        yield streams[0]
    finally:
        sys.stdout, sys.stderr = before
        for number, standard in zip(kept, (_OUT, _ERR), strict=True):
            os.dup2(number, standard)
            os.close(number)


def _is(first: object, present: object, descriptor: int) -> bool:
    """Whether a stream is the process's own, which is None where its descriptor was closed."""
    if present is not first:
        return False
    return present is None or (isinstance(present, io.TextIOWrapper) and present.fileno() == descriptor)
