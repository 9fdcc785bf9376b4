"""How a run hands its work on: here or in the pool, how much at once, what may take long, and what it tells."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from soc.analysis import AnalysisHeld, Budget, Progress, analyse_files
from soc.analysis import analyse as module
from soc.analysis.pool import Inline
from soc.analysis.result import ProcessDied
from soc.logs.layout import SourceFile
from soc.settings import Settings

LINE = b"INFO service started\n"


class Counting(Inline):
    """Work done on the spot, written down."""

    def __init__(self, *_: object) -> None:
        self.work: list[str] = []
        self.long: list[bool] = []
        self.patience: list[float] = []
        self.dies: BaseException | None = None

    def submit(self, work: Any, /, *args: Any, long: bool = False, **kwargs: Any) -> Future[Any]:
        self.work.append(work.__name__)
        self.long.append(long)
        if self.dies is not None and work.__name__ == "run_block":
            future: Future[Any] = Future()
            future.set_exception(self.dies)
            return future
        return super().submit(work, *args, long=long, **kwargs)

    def close(self, *, patience: float = 0.0) -> None:
        self.patience.append(patience)


@pytest.fixture
def runners(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Counting]]:
    made: dict[str, list[Counting]] = {"Inline": [], "Lane": []}

    def maker(name: str) -> Any:
        def make(*_: object) -> Counting:
            made[name].append(Counting())
            return made[name][-1]

        return make

    for name in made:
        monkeypatch.setattr(module, name, maker(name))
    return made


def run(folder: Path, settings: Settings, contents: Sequence[bytes], **options: Any) -> Any:
    files = []
    for number, content in enumerate(contents):
        path = folder / f"{number}"
        path.write_bytes(content)
        files.append(SourceFile(f"{number}.log", path))
    return analyse_files(files, batch_id="b", out_dir=folder / "out", settings=settings, **options)


@pytest.mark.parametrize(("size", "inline"), [(199_999, 1), (200_000, 0)])
def test_files_that_are_small_all_together_are_read_in_this_process(
    tmp_path: Path, settings: Settings, runners: dict[str, list[Counting]], size: int, inline: int
) -> None:
    run(tmp_path, settings, [b"x" * 100_000, b"y" * (size - 100_000)])
    assert (len(runners["Inline"]), len(runners["Lane"])) == (inline, 1 - inline)
    runner = (runners["Inline"] + runners["Lane"])[0]
    assert runner.work == ["prepare_file", "prepare_file", "run_block", "run_block"]
    assert runner.patience == [10.0]


def test_a_packed_file_however_small_is_read_in_the_pool(
    tmp_path: Path, settings: Settings, runners: dict[str, list[Counting]]
) -> None:
    run(tmp_path, settings, [gzip.compress(LINE)])
    assert (len(runners["Inline"]), len(runners["Lane"])) == (0, 1)


@pytest.mark.parametrize("workers", [1, 3])
def test_one_more_piece_than_there_are_workers_is_under_way(
    tmp_path: Path, settings: Settings, runners: dict[str, list[Counting]], workers: int
) -> None:
    open_now: list[int] = []
    chosen = settings.model_copy(update={"workers": workers, "block_bytes": 4096})

    def told(progress: Progress) -> None:
        if progress.stage == "reading" and progress.lines:
            taken.append(progress.lines)
            open_now.append(runners["Inline"][0].work.count("run_block") - len(taken))

    taken: list[int] = []
    done = run(tmp_path, chosen, [LINE * 4000], on_progress=told)
    assert len(taken) == len(list(done.events_dir.glob("part-*"))) > 12
    assert open_now[0] == workers
    assert max(open_now) == workers


MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("size", "packed", "ratio", "long"),
    [
        (MIB, True, 200, False), (MIB + 1, True, 200, True), (10, True, 0, True),
        (64 * MIB, False, 0, False), (64 * MIB + 1, False, 0, True), (MIB + 1, False, 200, False),
    ],
)  # fmt: skip
def test_what_may_take_long_to_open_is_said_to_the_pool(
    tmp_path: Path, settings: Settings, runners: dict[str, list[Counting]], size: int, packed: bool, ratio: int, long: bool
) -> None:  # fmt: skip
    path = tmp_path / "a"
    with path.open("wb") as out:
        out.write(gzip.compress(LINE) if packed else LINE)
        out.truncate(size)
    chosen = settings.model_copy(update={"max_upload_bytes": 100})
    analyse_files(
        [SourceFile("a.log", path)], batch_id="b", out_dir=tmp_path / "out", settings=chosen, budget=Budget(ratio=ratio)
    )  # fmt: skip
    (runner,) = runners["Inline"] + runners["Lane"]
    assert runner.long[0] is long


@pytest.mark.parametrize("compiled", [True, False])
def test_progress_counts_the_text_and_says_what_is_done_before_and_after(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, compiled: bool
) -> None:
    monkeypatch.setattr(module, "is_compiled", lambda *_: compiled)
    told: list[Progress] = []
    chosen = settings.model_copy(update={"block_bytes": 4096})
    run(tmp_path, chosen, [LINE * 300, LINE * 10], on_progress=told.append)
    assert told[0] == Progress(0, 0, 310 * len(LINE), "0.log", "opening")
    assert told[1].stage == ("reading" if compiled else "compiling")
    assert [(one.stage, one.file) for one in told[-2:]] == [("grouping", ""), ("writing", "")]
    assert {one.bytes_total for one in told} == {310 * len(LINE)}
    assert (told[-1].lines, told[-1].bytes_done) == (310, 310 * len(LINE))
    assert {one.stage for one in told[2:-2]} == {"reading"}


@pytest.mark.parametrize("problem", [ProcessDied("died"), OSError(28, "No space"), MemoryError()])
def test_this_machine_s_fault_ends_the_run(
    tmp_path: Path, settings: Settings, runners: dict[str, list[Counting]], monkeypatch: pytest.MonkeyPatch,
    problem: BaseException,
) -> None:  # fmt: skip
    runner = Counting()
    runner.dies = problem
    monkeypatch.setattr(module, "Inline", lambda: runner)
    with pytest.raises(type(problem)):
        run(tmp_path, settings, [LINE])
    assert not (tmp_path / "out" / "work").exists()


def test_a_block_that_breaks_otherwise_is_said_of_its_file_and_the_run_goes_on(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = Counting()
    runner.dies = KeyError("x")
    monkeypatch.setattr(module, "Inline", lambda: runner)
    done = run(tmp_path, settings, [LINE, LINE])
    assert ["could not be analysed (KeyError)" in file.error for file in done.files] == [True, True]
    assert (done.lines_in, done.templates, done.by_class) == (0, (), {})


def test_the_two_thousand_most_frequent_templates_are_kept_and_the_rarest_forgotten_while_counting(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (module.TOP_TEMPLATES, module._TEMPLATE_LIMIT) == (2_000, 100_000)
    monkeypatch.setattr(module, "TOP_TEMPLATES", 3)
    monkeypatch.setattr(module, "_TEMPLATE_LIMIT", 2)
    words = ("alpha", "beta", "gamma", "delta")
    files = [b"".join(f"INFO {word} begun\n".encode() * (9 - n) for n, word in enumerate(words))]
    assert [(one.template, one.count) for one in run(tmp_path, settings, files).templates] == [
        ("alpha begun", 9), ("beta begun", 8), ("gamma begun", 7),
    ]  # fmt: skip
    assert len(run(tmp_path, settings, files * 15).templates) == 3
    counted = run(tmp_path, settings, files * 16).templates
    assert [one.count for one in counted] == [9 * 16, 8 * 16]


def test_classes_and_severities_of_all_blocks_add_up(tmp_path: Path, settings: Settings) -> None:
    done = run(tmp_path, settings, [LINE * 3, b"mimikatz.exe started\n" * 2, LINE])
    assert done.by_severity == {"critical": 2, "info": 4}
    assert (sum(done.by_class.values()), done.by_class["Security Alert"]) == (6, 2)
    assert [*done.by_class] == sorted(done.by_class)


@pytest.mark.parametrize(("lines", "held"), [(20, False), (19, True)])
def test_files_that_together_have_more_lines_than_the_budget_are_held(
    tmp_path: Path, settings: Settings, lines: int, held: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Budget, "without", lambda self, *_: Budget())  # as when both are opened at once
    contents, size = [LINE * 10, LINE * 10], 20 * len(LINE)
    if not held:
        assert run(tmp_path, settings, contents, budget=Budget(lines=lines, bytes=size)).lines_in == 20
        return
    with pytest.raises(AnalysisHeld, match="Its files together have more than 19 lines"):
        run(tmp_path, settings, contents, budget=Budget(lines=lines))
    with pytest.raises(AnalysisHeld, match=r"Its files unpack to more than 0\.0 GB"):
        run(tmp_path, settings, contents, budget=Budget(bytes=size - 1))


def test_a_run_without_files_is_empty(tmp_path: Path, settings: Settings) -> None:
    done = run(tmp_path, settings, [])
    assert (done.files, done.incidents, done.templates, done.lines_in) == ((), (), (), 0)
    assert pl.read_parquet(done.events_dir / "places.parquet").is_empty()
    assert 0 <= done.seconds < 60
