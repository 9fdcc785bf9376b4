"""The vendors: their settings and versions, their health and limits, what they told."""
