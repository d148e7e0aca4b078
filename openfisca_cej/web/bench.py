"""A process for one costly request: it ends with it, and its memory with it.

It is forked from the worker, which has one thread: it has the law and all that was remembered. The
kernel ends it when it has used its seconds of processor, and refuses it more memory than it may
have.
"""

import asyncio
import contextlib
import gc
import os
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

#: Seconds of the clock after which a process is ended: the machine has too much to do.
LONGEST = 30.0

#: How a process says that the connection is kept, or closed, or that it had too little memory.
KEEP, CLOSE, NO_MEMORY = 0, 3, 4

#: Files that a worker never has so many of.
MOST_FILES = 65_536

#: Bytes read at once of an answer.
PART = 262_144


@dataclass(frozen=True)
class ComputedApart:
    """How a process ended: what it wrote, its status as ``os.waitpid`` gives it."""

    answer: bytes
    status: int

    @property
    def is_whole(self) -> bool:
        """Whether the answer was written to its end."""
        return os.WIFEXITED(self.status) and os.WEXITSTATUS(self.status) in (KEEP, CLOSE)

    @property
    def keeps(self) -> bool:
        """Whether the connection may be kept."""
        return self.is_whole and os.WEXITSTATUS(self.status) == KEEP

    @property
    def lacked_memory(self) -> bool:
        """Whether it needed more memory than it may have."""
        return os.WIFEXITED(self.status) and os.WEXITSTATUS(self.status) == NO_MEMORY

    @property
    def was_killed(self) -> bool:
        """Whether it was ended because the machine has too much to do."""
        return os.WIFSIGNALED(self.status) and os.WTERMSIG(self.status) == signal.SIGKILL

    @property
    def overran(self) -> bool:
        """Whether it used more processor than it may."""
        return os.WIFSIGNALED(self.status) and os.WTERMSIG(self.status) == signal.SIGXCPU


class Bench:
    """One process, from its fork to its end."""

    def __init__(
        self, action: Callable[[], tuple[bytes, bool]], cpu: int, memory: int, niceness: int
    ) -> None:
        self.running = True
        self.parts: list[bytes] = []
        self.loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[ComputedApart] = self.loop.create_future()
        self.reader, writer = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            run(action, writer, cpu, memory, niceness)
        os.close(writer)
        os.set_blocking(self.reader, False)
        self.loop.add_reader(self.reader, self._read)
        self.limit = self.loop.call_later(LONGEST, self.kill)

    def kill(self) -> None:
        """End the process, if it has not: it is late, or nobody waits for it any more."""
        if self.running:
            os.kill(self.pid, signal.SIGKILL)

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            part = os.read(self.reader, PART)
            if part:
                self.parts.append(part)
            else:
                self._end()

    def _end(self) -> None:
        self.limit.cancel()
        self.loop.remove_reader(self.reader)
        os.close(self.reader)
        # It has closed all that it had: it ends now.
        _, status = os.waitpid(self.pid, 0)
        self.running = False
        if not self.ended.done():
            self.ended.set_result(ComputedApart(b"".join(self.parts), status))


def run(
    action: Callable[[], tuple[bytes, bool]], writer: int, cpu: int, memory: int, niceness: int
) -> None:
    """The whole life of the process: compute, write, end. Does not return."""
    code = 1
    try:
        be_alone(writer)
        os.nice(niceness)
        limit(cpu, memory)
        gc.freeze()  # what the worker had is not looked at again: its pages stay shared
        answer, keeps = action()
        rest = memoryview(answer)
        while rest:
            rest = rest[os.write(writer, rest) :]
        code = KEEP if keeps else CLOSE
    except MemoryError:
        code = NO_MEMORY
    finally:
        os._exit(code)


def be_alone(writer: int) -> None:
    """Have nothing of the worker's: its clients would be kept, its signals are not for us.

    What stops all the processes of a service lets this one end: its answer is waited for.
    """
    signal.set_wakeup_fd(-1)
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(name, signal.SIG_IGN)
    os.closerange(3, writer)
    os.closerange(writer + 1, MOST_FILES)


def limit(cpu: int, memory: int) -> None:
    """Have the kernel hold this process to seconds of processor, and to bytes more than it has."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmData:"):
                most = 1024 * int(line.split()[1]) + memory
                resource.setrlimit(resource.RLIMIT_DATA, (most, most))
