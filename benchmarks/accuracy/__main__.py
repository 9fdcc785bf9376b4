"""The command. See the package's own words."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.accuracy import classes, fields, grouping, model, nights, services, stories, verdicts, web
from benchmarks.accuracy.table import Figure, render
from soc.analysis import close_pool

ROOT = Path(__file__).resolve().parents[2]
MEASURES: dict[str, Callable[[Path], list[Figure]]] = {
    "logins": verdicts.measure_logins,
    "levels": verdicts.measure_levels,
    "attacks": stories.measure_attacks,
    "web": web.measure_web,
    "vendors": verdicts.measure_vendors,
    "cloud": verdicts.measure_cloud,
    "words": verdicts.measure_words,
    "services": services.measure_services,
    "quiet": stories.measure_quiet,
    "noise": stories.measure_noise,
    "nights": nights.measure_nights,
    "parsers": fields.measure_parsers,
    "fields": fields.measure_vendor_fields,
    "grouping": grouping.measure_grouping,
    "model": model.measure_model,
    "classes": classes.measure_classes,
}


def main() -> None:
    asked = argparse.ArgumentParser(prog="accuracy", description=__doc__)
    asked.add_argument(
        "--logs", type=Path, default=ROOT.parent / "shared" / "logs", help="where the labelled logs lie"
    )
    asked.add_argument("--only", nargs="*", choices=[*MEASURES], help="some of the measures")
    chosen = asked.parse_args()
    if not chosen.logs.is_dir():
        asked.error(f"{chosen.logs} is no folder: name the labelled logs with --logs.")
    figures: list[Figure] = []
    for name in chosen.only or MEASURES:
        began = time.process_time()
        figures += MEASURES[name](chosen.logs)
        print(f"{name}: {time.process_time() - began:.1f} s of CPU", flush=True)
    print(render(figures))
    close_pool()


if __name__ == "__main__":
    main()
