"""Words that move a score, and words that take the meaning from generic signatures."""

from __future__ import annotations

from soc.detection.signature import ContextWord, Veto
from soc.domain.classification import Classification

_SERIOUS = frozenset(
    {
        Classification.SECURITY_ALERT,
        Classification.CRITICAL_ERROR,
        Classification.ERROR,
        Classification.WORKFLOW_ERROR,
        Classification.RESOURCE_USAGE,
    }
)

CONTEXT: tuple[ContextWord, ...] = (
    ContextWord(
        "context.critical",
        "the line calls itself critical",
        r"\b(?:CRITICAL|FATAL|EMERGENCY|EMERG)\b|\b(?:level|severity)[\"']?\s?[=:]\s?[\"']?(?:critical|fatal|emerg)\b",
        1,
        "level",
        _SERIOUS,
        False,
    ),
    ContextWord(
        "context.root",
        "it concerns root or an administrator",
        r"\b(?:root|administrator|sysadmin|superuser|domain admin)\b",
        1,
        "privilege",
        frozenset({Classification.SECURITY_ALERT}),
    ),
    ContextWord(
        "context.success",
        "the attack is said to have succeeded",
        r"\b(?:attack|exploit|breach|intrusion|injection|infection)\b.{0,20}?\b(?:succeeded|successful)\b",
        1,
        "outcome",
        frozenset({Classification.SECURITY_ALERT}),
    ),
    ContextWord(
        "context.blocked",
        "it is said to have been stopped",
        r"\b(?:quarantined|was blocked|blocked by|successfully removed|has been cleaned|prevented)\b",
        -1,
        "outcome",
        frozenset({Classification.SECURITY_ALERT}),
    ),
    ContextWord(
        "context.example",
        "it speaks of a test",
        r"\b(?:eicar|test alert|drill|simulated|this is a test)\b",
        -2,
        "test",
        frozenset({Classification.SECURITY_ALERT}),
    ),
)

VETOES: tuple[Veto, ...] = (
    Veto(
        "veto.zero-after",
        r"\b(?:errors?|fail(?:ed|ures?|s)?|rejected|denied|timeouts?|warnings?|aborted|missing|invalid|unreachable|corrupt(?:ed)?|fatal|critical|vulnerabilities|viruses|threats?|infected files)[\"']?\s?[=:]\s?[\"']?(?:0|none|null|false|no|nil|\[\]|\"\")\b",
    ),
    Veto(
        "veto.none-before",
        r"(?:^|[ \t\[(,;:.|-])(?:no|0|zero|without(?: any)?|not any|never|none)(?: \w{1,12})? (?:authentication )?(?:errors?|failures?|failed|fails|warnings?|timeouts?|problems?|issues?|exceptions?|malware|virus(?:es)?|threats?|attacks?|intrusions?|suspicious activity|rootkit|vulnerabilities|missing|corrupt(?:ed|ion)?|breach)\b",
    ),
    Veto(
        "veto.error-name",
        r"\b(?:error|fail(?:ed|ure)?|warn(?:ing)?)[_.-](?:log|page|handler|count|code|rate|reporting|doc|documents?|free|safe|over)\b|/(?:error|errors|failed|warning|critical|info|debug)\b(?:\.html|\.php|\.log|/|\?| )",
    ),
    Veto("veto.success-state", r"\b(?:error|err)[\"']?\s?[=:]\s?[\"']?(?:success|ok)\b"),
)
