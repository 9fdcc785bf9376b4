"""SLA clocks on tickets: read by the pages, watched by a schedule."""
