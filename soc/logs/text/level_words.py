"""Words that are a level wherever one stands alone."""

LEVEL_WORDS = frozenset(
    [
        "trace",
        "debug",
        "info",
        "notice",
        "warn",
        "warning",
        "err",
        "error",
        "severe",
        "crit",
        "critical",
        "fatal",
        "alert",
        "emerg",
        "emergency",
        "panic",
    ]
)
