"""One trace from an upload to a vendor's answer: its id travels in rows, its spans leave by OTLP where that is set up."""
