"""A batch from dropped files to planned deliveries, its progress and its report."""
