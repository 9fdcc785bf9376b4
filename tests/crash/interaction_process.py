"""A process for `test_interactions.py`: hears a press, and is killed (`at`) before, or in the middle of, the work on it.

`python interaction_process.py <at>`: `kept` dies once it is kept, before the engine hears of it; `doing` dies in the middle of
the work, before its transaction ends; `done` lives until what was pressed is done, and says so.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

from soc import engine
from soc.domain.acts import Heard, Wish
from soc.store.db import read_session
from soc.store.nouns.vendors.interactions import list_of_incident
from soc.tickets.interactions import working
from soc.tickets.interactions.intake import take_in

HEARD = Heard("press", Wish.ADD_NOTE, "UANA", "inc-1", {"note": "Seen."}, {"channel": "C1"})


def die(*_arguments: Any, **_named: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def main(at: str) -> None:
    if at == "doing":
        real = working.end  # the act is done by then, and not committed
        working.end = lambda *a, **named: (real(*a, **named), die())[0]
    engine.launch()
    if at != "done":
        then = take_in("slack", [HEARD], practice=False)
        print("acknowledged", flush=True)
        if at == "kept":
            die()
        then()
        time.sleep(60)
    else:
        for _ in range(600):
            with read_session() as session:
                if all(row.ended_at for row in list_of_incident(session, "inc-1")):
                    break
            time.sleep(0.1)
        engine.shut_down()


if __name__ == "__main__":
    main(sys.argv[1])
