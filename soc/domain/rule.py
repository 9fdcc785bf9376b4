"""A rule: when an incident is acted upon, and how. Pure data and one question."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

#: Stands for every channel that is configured.
EVERY_CHANNEL = "*"


class Rule(BaseModel):
    """Matches an incident whose score and class meet both conditions.

    `class_contains` is compared without regard to case; empty means any class. `actions` are the channels (kinds
    of integration) that are told; `*` is all of them.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    min_score: int = Field(ge=1, le=10)
    class_contains: str = ""
    actions: tuple[str, ...] = (EVERY_CHANNEL,)
    enabled: bool = True
    position: int = 0

    def names(self, channel: str) -> bool:
        """Whether the rule tells this channel."""
        return channel in self.actions or EVERY_CHANNEL in self.actions

    def matches(self, *, score: int, classification: str) -> bool:
        return (
            self.enabled and score >= self.min_score and self.class_contains.lower() in classification.lower()
        )

    def explain(self, *, score: int, classification: str) -> str:
        """Why the rule matched or, where it did not, what would have changed that."""
        parts = [
            f"score {score} {'≥' if score >= self.min_score else 'is below'} {self.min_score}",
        ]
        if self.class_contains:
            has = self.class_contains.lower() in classification.lower()
            parts.append(
                f"class “{classification}” {'contains' if has else 'does not contain'} “{self.class_contains}”"
            )
        if not self.enabled:
            parts.append("the rule is switched off")
        return ", ".join(parts)


#: The setup guide's "Trigger Conditions", in its order.
GUIDE_RULES: tuple[Rule, ...] = (
    Rule(id="severity-9", name="Severity score ≥ 9", min_score=9, position=1),
    Rule(
        id="security-8",
        name="Classification contains “Security” and severity ≥ 8",
        min_score=8,
        class_contains="Security",
        position=2,
    ),
    Rule(
        id="critical-8",
        name="Classification contains “Critical” and severity ≥ 8",
        min_score=8,
        class_contains="Critical",
        position=3,
    ),
)
