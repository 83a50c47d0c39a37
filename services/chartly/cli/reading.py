"""Progress of a long run on a terminal: how far its input file is read. The position of the open file shows it.

Positions of open files are known on Linux only (in /proc). Elsewhere, and for a pipe, only the elapsed time is shown.
"""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TransferSpeedColumn

# Often enough for a smooth bar; costs nothing compared to the work.
_LOOK_EVERY_S = 0.25
_DESCRIPTORS = Path("/proc/self/fd")


@contextmanager
def shown_reading(source: Path | None, console: Console) -> Generator[None]:
    """Show how much of a file is read while the block runs; without a terminal show nothing."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        is_file = source is not None and source.is_file()
        bar = progress.add_task(source.name if source else "standard input", total=source.stat().st_size if source and is_file else None)
        if source is None or not is_file or not console.is_terminal:
            yield
            return
        ended = threading.Event()
        watcher = threading.Thread(target=_follow, args=(source, progress, bar, ended), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()


def position(path: Path) -> int:
    """Return the position of this process in an open file; 0 if it is unknown."""
    wanted = path.stat()
    for descriptor in _DESCRIPTORS.iterdir() if _DESCRIPTORS.is_dir() else ():
        try:
            found = descriptor.stat()
            if (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino):
                return int((_DESCRIPTORS.parent / "fdinfo" / descriptor.name).read_text(encoding="ascii").split(maxsplit=2)[1])
        except OSError:
            continue  # closed after it was listed
    return 0


def _follow(path: Path, progress: Progress, bar: TaskID, ended: threading.Event) -> None:
    while not ended.wait(_LOOK_EVERY_S):
        if path.exists():
            progress.update(bar, completed=position(path))
