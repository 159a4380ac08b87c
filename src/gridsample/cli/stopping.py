"""Ctrl-C and SIGTERM at once, in whatever library the work is.

Work goes on in other threads, while the main one, which is the only one that Python interrupts, waits for it. What is
to stop is then told: libvips by a flag on its images, our own loops by a question between two steps.
"""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from gridsample.cli.refusal import Stopped

PATIENCE = 0.2  # seconds between two looks at signals, where waiting itself cannot be interrupted


class Terminated(BaseException):
    """SIGTERM came: like KeyboardInterrupt, which Ctrl-C raises."""


class Stop:
    """Whether work is to be given up, and the images that libvips is at work on."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._images: dict[int, Any] = {}  # by their ids, as == of images makes an image

    def ask(self) -> None:
        """Let all work end soon."""
        self._asked.set()
        for image in tuple(self._images.values()):
            image.set_kill(True)

    def check(self) -> None:
        """End this work here if it is to be given up."""
        if self._asked.is_set():
            raise Stopped

    @contextlib.contextmanager
    def killing(self, image: Any) -> Iterator[None]:
        """Let :meth:`ask` end what libvips computes of an image in the block, which raises its error then."""
        self._images[id(image)] = image
        try:
            self.check()
            yield
        finally:
            del self._images[id(image)]
            self.check()


def run_in_threads(
    work: Callable[[Any, Stop], Any], items: Iterable[Any], workers: int, ended: Callable[[Future[Any]], None]
) -> None:
    """Call ``work(item, stop)`` for each item in other threads, and ``ended`` here with each result as a future.

    What interrupts this thread, or ``ended`` raises, ends the work of all, and is raised when it has ended.
    """
    stop = Stop()
    pool = ThreadPoolExecutor(workers)
    try:
        with terminating():
            pending = {pool.submit(work, item, stop) for item in items}
            while pending:
                done, pending = wait(pending, PATIENCE, FIRST_COMPLETED)
                for future in done:
                    ended(future)
    except BaseException:
        stop.ask()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def terminating() -> Iterator[None]:
    """Let SIGTERM raise :class:`Terminated` in the block, as Ctrl-C raises KeyboardInterrupt."""
    if threading.current_thread() is not threading.main_thread():  # the only one that may say so
        yield
        return

    def end(*_: Any) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
