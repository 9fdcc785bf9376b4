"""Who decides a verdict: the first stage that speaks, else the signatures, else the stages that come last."""

from __future__ import annotations

import numpy as np

from soc.detection.field_rule import BEHAVIOUR, MODEL, NONE, SENDER, SIGNATURE, FieldRule
from soc.detection.judging.scanning.scan import find_matches
from soc.detection.judging.stage import Move, Spoken, Stage
from soc.detection.judging.verdict import Verdicts, judge
from soc.detection.ruleset import Ruleset
from soc.detection.signatures.declaration import Signature
from soc.domain.classification import Classification

ALERT, USER = Classification.SECURITY_ALERT, Classification.USER_ACTION
RULESET = Ruleset(
    signatures=(
        Signature("word.grave", "Grave", ALERT, 9, 0.9, "grave"),
        Signature("word.small", "Small", ALERT, 5, 0.6, "small"),
        Signature("word.error", "Error", Classification.ERROR, 9, 0.6, "error"),
    ),
    rules=(
        FieldRule("sender.alert", "Alert", ALERT, 6, 0.8, SENDER),
        FieldRule("behaviour.login", "Login", USER, 2, 0.9, BEHAVIOUR, yields=True),
        FieldRule("model.user", "User", USER, 2, 0.7, MODEL),
    ),
)
SENT, DONE, GUESSED = range(3)


def stage(*rules: int, moves: tuple[Move, ...] = ()) -> Stage:
    numbers = np.array(rules, np.int64)
    return Stage(
        numbers,
        np.where(numbers >= 0, 3, -1),
        np.where(numbers >= 0, 1, -1),
        np.where(numbers >= 0, 2, -1),
        moves,
    )


def judged(*lines: str, spoken: Spoken) -> Verdicts:
    data = "".join(line + "\n" for line in lines).encode()
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == 10).astype(np.int64)
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1))
    return judge(RULESET, find_matches(RULESET, data, starts, ends), len(lines), spoken)


def test_the_first_stage_that_speaks_decides_then_signatures_then_those_that_come_last() -> None:
    spoken = Spoken(first=(stage(SENT, -1, -1, -1), stage(DONE, DONE, -1, -1)), last=(stage(*[GUESSED] * 4),))
    verdicts = judged("small", "small", "small", "x", spoken=spoken)
    assert verdicts.decided.tolist() == [SENDER, BEHAVIOUR, SIGNATURE, MODEL]
    assert [RULESET.rule_ids()[number] for number in verdicts.rule] == [
        "sender.alert", "behaviour.login", "word.small", "model.user",
    ]  # fmt: skip
    assert judged("x", spoken=Spoken()).decided.tolist() == [NONE]


def test_words_of_an_attack_raise_what_a_stage_of_the_same_class_decided_by_two_at_most() -> None:
    spoken = Spoken(first=(stage(*[SENT] * 4),))
    verdicts = judged("grave", "small", "error", "x", spoken=spoken)
    assert verdicts.score.tolist() == [8, 6, 6, 6]
    assert verdicts.confidence.tolist() == [0.82, 0.8, 0.8, 0.8]


def test_an_ordinary_verdict_gives_way_to_the_grave_words_of_an_attack_and_to_nothing_else() -> None:
    verdicts = judged("grave", "small", "error", spoken=Spoken(first=(stage(*[DONE] * 3),)))
    assert verdicts.decided.tolist() == [SIGNATURE, BEHAVIOUR, BEHAVIOUR]


def test_moves_count_where_their_stage_decides_and_a_score_stays_between_one_and_ten() -> None:
    moves = (Move("target.root", "it concerns root", np.array([1, 1, 9, -9], np.int64)),)
    spoken = Spoken(first=(stage(SENT, -1, SENT, SENT, moves=moves),))
    verdicts = judged("x", "small", "x", "x", spoken=spoken)
    assert verdicts.score.tolist() == [7, 5, 10, 1]
    assert [move.weight.tolist() for move in verdicts.moves] == [[1, 0, 9, -9]]


def test_evidence_and_field_are_those_of_what_decided() -> None:
    verdicts = judged("x small", "x small", spoken=Spoken(first=(stage(SENT, -1),)))
    assert list(zip(verdicts.field, verdicts.evidence_start, verdicts.evidence_end, strict=True)) == [
        (3, 1, 2), (-1, 2, 7),
    ]  # fmt: skip
