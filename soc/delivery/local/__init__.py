"""What belongs to this process alone: the tries it is at work on, outcomes it could not write yet, its own faults."""
