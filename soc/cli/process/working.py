"""Who works on a batch while a command follows it: this process by itself, or its engine."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from soc.cli.process.alone import RunAlone, needs_engine
from soc.cli.say import open_store
from soc.delivery.queues import enqueue_tries
from soc.integrations.mistyped import env_notes
from soc.rights import keep_to_owner
from soc.settings import get_settings
from soc.tracing.exporting import flush

#: Seconds between two looks at a batch. Its progress is written less often, and that a run of this process has ended is known at once.
_LOOK, _LOOK_AT_PROGRESS = 0.2, 0.5


class Working:
    """For as long as the command follows. The engine is loaded and started where there is something for it to do.

    `always`: it is needed in any case; else where somebody may have to be told, or something waits already.
    """

    def __init__(self, *, always: bool = False) -> None:
        self._always, self._has_engine = always, False
        self._alone: RunAlone | None = None

    def __enter__(self) -> Self:
        if not self._always:
            keep_to_owner(get_settings().data_dir)
            env_notes()  # what is odd about the .env is told to the log before it surprises anybody
            open_store()
        if self._always or needs_engine():
            self._start_engine()
        return self

    def begin(self, batch_id: str) -> None:
        """The batch was submitted. An engine knows of it by then."""
        if not self._has_engine:
            self._alone = RunAlone(batch_id)

    def wait(self, state: str) -> None:
        """Until the next look at the batch, which is in this state. What did not end at its first try becomes the engine's."""
        if self._alone is None or self._has_engine:
            time.sleep(_LOOK)
        elif self._alone.leaves_work(state):
            self._start_engine()
            enqueue_tries(self._alone.tries)
        else:
            self._alone.wait(_LOOK_AT_PROGRESS)

    def _start_engine(self) -> None:
        from soc import engine  # start-up cost
        from soc.configuration.practice import resume_practice  # start-up cost

        self._has_engine = True
        engine.launch(first=resume_practice)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._alone is not None:
            self._alone.end()
        if self._has_engine:
            from soc import engine  # start-up cost
            from soc.configuration.practice import stop_sandbox  # start-up cost

            engine.shut_down()
            stop_sandbox()
        flush()
