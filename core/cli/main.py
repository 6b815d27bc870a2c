"""Run one command and turn every way it can end into an exit status: 0, or 2 with one sentence on stderr."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from core.cli.parser import parse
from core.schema.errors import UserError

_OF_PHOTOS = ("doubts", "forget", "health", "import", "versions")
_PHOTOS = {command: f"core.cli.commands.photos.{command}" for command in _OF_PHOTOS}


def main(words: Sequence[str]) -> int:
    """Run the command line `words` (without the program's name) and return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        # A file name need not be text; it is then shown with escapes.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        args = parse(words)
        # Only now, because a command imports torch and -h should not wait for it.
        import_module(_PHOTOS.get(args.command, f"core.cli.commands.{args.command}")).run(args)
        sys.stdout.flush()
    except UserError as error:
        return _refuse(str(error))
    except BrokenPipeError:
        # The reader (head, less) has seen enough; the interpreter's own flush at exit must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return _refuse("Interrupted.")
    except OSError as error:
        return _refuse(f"{error.filename or 'Reading or writing failed'}: {error.strerror or error}.")
    return 0


def _refuse(sentence: str) -> int:
    print(" ".join(sentence.split()), file=sys.stderr)
    return 2
