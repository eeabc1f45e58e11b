"""Leaving in peace: the end of a program waits for threads of the engine that are just telling it something.

A thread that comes back into a Python that is ending is ended by it, and up to Python 3.13 takes the whole process
along, with a message that nobody understands. Such a thread is there for a moment after each answer.
"""

import atexit
import gc
import sys
import threading
import time

PATIENCE = 2.0
LOOK = 0.01


def _foreign_threads() -> set:
    """Threads that are in Python now and were not begun there."""
    own = {thread.ident for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)}
    return set(sys._current_frames()) - own


def _wait() -> None:
    gc.collect()  # phones and keystores that nobody has any more let go here, and not in the midst of the end
    end, quiet = time.monotonic() + PATIENCE, 0
    while quiet < 3 and time.monotonic() < end:
        time.sleep(LOOK)
        quiet = 0 if _foreign_threads() else quiet + 1


def at_exit() -> None:
    """Makes the end of this program wait for them."""
    atexit.register(_wait)
