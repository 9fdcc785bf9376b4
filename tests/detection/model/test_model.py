"""The model: what it says of texts that it never saw, of which lines it is asked, and what it never does alone."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from soc.detection.model.classifier import LABELS, NOTHING, SURE, chances_of, classify, decide, logits_of
from soc.detection.model.features import features_of
from soc.detection.model.training.generate import fingerprint, read_patterns, write_texts
from soc.detection.model.training.slots import SLOTS
from soc.detection.model.training.train import Lesson, learn, pick, stored_fingerprint
from soc.domain.classification import Classification as Class
from tests.logs.reading import read

#: No pattern writes these.
SAID = [
    ("Several wrong sign-in attempts hit the account of user <*>", Class.SECURITY_ALERT),
    ("RAID set lost three hard drives and failed", Class.CRITICAL_ERROR),
    ("Replication of shard <*> ended in an error", Class.ERROR),
    ("Approval workflow for invoice <*> failed because the approver is missing", Class.WORKFLOW_ERROR),
    ("Weekly backup finished successfully at <*>", Class.SYSTEM_NOTIFICATION),
    ('<*> "GET <*>" status: <*> len: <*> time: <*>', Class.HTTP_STATUS),
    ("Total memory: <*> MB, used: <*> MB", Class.RESOURCE_USAGE),
    ("User <*> signed in and opened the dashboard", Class.USER_ACTION),
    ("The 'OldSearch' feature is deprecated and will be removed in version <*>", Class.DEPRECATION_WARNING),
    ("PacketResponder <*> for block <*> terminating", Class.UNCLASSIFIED),
    ("", Class.UNCLASSIFIED),
]


def test_texts_that_no_pattern_writes_get_their_class() -> None:
    label, _ = classify(pl.Series([text for text, _ in SAID]))
    assert [LABELS[place] for place in label] == [kind for _, kind in SAID]


def test_what_is_said_of_a_text_does_not_depend_on_the_texts_beside_it() -> None:
    texts = [text for text, _ in SAID]
    together, sure = classify(pl.Series(texts))
    for number, text in enumerate(texts):
        alone, sure_alone = classify(pl.Series([text]))
        assert alone[0] == together[number]
        assert sure_alone[0] == pytest.approx(sure[number], abs=1e-5)


def test_below_its_threshold_a_class_is_not_said_and_security_has_a_higher_one() -> None:
    def said(label: Class, chance: float) -> Class:
        row = np.full(len(LABELS), (1 - chance) / (len(LABELS) - 1), np.float32)
        row[LABELS.index(label)] = chance
        return LABELS[decide(row[None, :])[0]]

    assert (said(Class.ERROR, 0.71), said(Class.ERROR, 0.69)) == (Class.ERROR, Class.UNCLASSIFIED)
    assert (said(Class.SECURITY_ALERT, 0.91), said(Class.SECURITY_ALERT, 0.89)) == (
        Class.SECURITY_ALERT,
        Class.UNCLASSIFIED,
    )


def test_features_are_words_pairs_and_runs_and_cross_no_end_of_a_text() -> None:
    found = features_of(pl.Series(["ab cd", "", "ab cd", "zz"]))
    parts = [found.bucket[at : at + size].tolist() for at, size in zip(found.begin, found.size, strict=True)]
    assert sorted(parts[0]) == sorted(parts[2])
    assert not set(parts[3]) & set(parts[0])
    # " ab cd " has 5 + 4 + 3 runs, two words and a pair; " zz " 2 + 1 runs and a word
    assert (len(parts[0]), len(parts[3])) == (15, 4)


def test_every_class_has_many_patterns_and_each_is_written_once() -> None:
    patterns = read_patterns()
    count = np.bincount([label for label, _ in patterns.values()], minlength=len(LABELS))
    assert count.min() >= 70
    assert count[NOTHING] == count.max()
    assert len({text for _, text in patterns.values()}) == len(patterns)


def test_texts_are_the_same_each_time_and_hold_no_choice_or_slot() -> None:
    texts = list(write_texts(1))
    assert texts == list(write_texts(1))
    assert not [
        one.words for one in texts if "|)" in one.words or any(f"{{{slot}}}" in one.words for slot in SLOTS)
    ]


def test_the_stored_weights_were_learned_from_the_patterns_as_they_are() -> None:
    assert stored_fingerprint() == fingerprint(), "the patterns changed: make model"


def test_learning_tells_texts_apart_that_it_was_shown() -> None:
    texts = pl.Series(["disk is full", "disk was full", "user came in", "user went in"] * 8)
    label = np.array([1, 1, 7, 7] * 8)
    lesson = Lesson(features_of(texts), label, np.ones(32, np.float32), [""] * 32)
    weights = learn(lesson, rounds=3)
    chances = chances_of(logits_of(weights, pick(lesson.features, np.arange(4))), 1.0)
    assert chances.argmax(axis=1).tolist() == [1, 1, 7, 7]
    assert chances.max(axis=1).min() > 0.4


def test_a_line_that_nothing_explains_is_decided_by_the_model_with_the_message_as_evidence() -> None:
    line = "Mar  1 00:00:00 crm flow[7]: Approval of invoice 77 waits in the purchasing workflow, no approver is defined for the step"
    ((kind, by, rule, sure, start, end, score),) = read(line + "\n").cells(
        "classification", "decided_by", "rule_id", "confidence", "evidence_start", "evidence_end", "score"
    )
    assert (kind, by, rule) == ("Workflow Error", "model", "model.workflow-error")
    assert SURE <= sure <= 1
    assert score < 5
    assert line[start:end] == line.partition(": ")[2]


@pytest.mark.parametrize(
    ("text", "kind", "by", "score"),
    [
        # a word of a signature, and a sentence that says more
        ("Approval of invoice 77 failed because no approver is defined for the step", "Workflow Error", "model", 4),
        ("The storage cluster has lost quorum and stopped serving its clients", "Critical Error", "model", 4),
        ("User anna opened the document 441 of the customer", "User Action", "model", 1),
        # the sentence says what the word says
        ("Workflow billing failed at step 7", "Workflow Error", "signature", 5),
        # the word is taken back: nothing failed
        ("Approval of invoice 77 ended with 0 failed, no approver is defined for the step", "Unclassified", "none", 1),
        # a signature knows what it is, the word beside it is no more than that
        ("Kernel panic - not syncing: the start was aborted", "Critical Error", "signature", 9),
        ("The old call is deprecated and fails from May on", "Deprecation Warning", "signature", 3),
    ],
)  # fmt: skip
def test_the_model_knows_better_than_a_word_where_it_is_sure_of_another_class(
    text: str, kind: str, by: str, score: int
) -> None:
    cells = read(f"Mar  1 00:00:00 crm flow[7]: {text}\n").cells("classification", "decided_by", "score")
    assert cells == [(kind, by, score)]


def test_the_model_opens_no_incident_whatever_the_smallest_score() -> None:
    text = "Approval of invoice 77 waits in the purchasing workflow, no approver is defined for the step\n"
    assert not read(text * 30, incident_min_score=1).incidents


def test_what_a_word_opened_is_open_still_where_the_model_knows_its_class_better() -> None:
    (incident,) = read("Replication of shard 6 failed: the sync job ended in failure\n" * 3).incidents
    assert (incident.classification, incident.rule_id, incident.score) == ("Error", "flow.failed", 5)


def test_a_line_that_a_signature_explains_is_not_the_model_s() -> None:
    line = "Mar  1 00:00:00 h sshd[7]: Failed password for invalid user eve from 203.0.113.9 port 22 ssh2\n"
    assert read(line).cells("decided_by") != [("model",)]
