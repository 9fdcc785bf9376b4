"""What programs write under a syslog header or their own."""
