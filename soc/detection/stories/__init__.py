"""Stories: what one actor left, joined from what signatures and detectors found, and told."""
