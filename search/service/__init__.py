"""The service: studies submitted over REST, queued in SQL, and driven by runners."""
