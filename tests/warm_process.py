"""Has the product imported, and forks a process of it for whoever asks at the socket: see `tests.warm`.

Each asker is served by a fork of its own, which starts the process, says its number, waits for it, and says how it ended.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import shutil
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

#: What `soc worker`, `soc process` and `soc sandbox` import at their start.
IMPORTED = (
    "soc.cli.commands",
    "soc.cli.serve.servers",
    "soc.cli.process.processing",
    "soc.sandbox.server",
    "alembic.command",
)


def main(path: str) -> None:
    gc.set_threshold(400_000)
    for name in IMPORTED:
        importlib.import_module(name)
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen(16)
        print("ready", flush=True)
        server.settimeout(0.5)
        test_run = os.getppid()
        while os.getppid() == test_run:
            try:
                asker, _ = server.accept()
            except TimeoutError:
                asker = None
            if asker is not None:
                if os.fork() == 0:
                    server.close()
                    _serve(asker)
                    return
                asker.close()
            _forget_the_ended()
    shutil.rmtree(Path(path).parent)


def _forget_the_ended() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _serve(asker: socket.socket) -> None:
    """Raises SystemExit: in the process that was asked for as the product ends it, in the one beside it at its end."""
    asker.settimeout(None)
    asked = json.loads(asker.makefile().readline())
    begun = os.fork()
    if begun == 0:
        asker.close()
        return _become(**asked)
    asker.sendall(f"{begun}\n".encode())
    _, status = os.waitpid(begun, 0)
    with suppress(OSError):  # the test is over
        asker.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(arguments: list[str], environment: dict[str, str], cwd: str) -> None:
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    how, what, *rest = arguments
    sys.argv = [what if how == "-m" else how, *rest]
    if how == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        sys.modules["__main__"] = told = ModuleType("__main__")
        names: dict[str, Any] = told.__dict__
        exec(compile(what, "<string>", "exec"), names)


if __name__ == "__main__":
    main(sys.argv[1])
