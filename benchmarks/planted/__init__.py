"""Planted truth: studies of tasks whose winner is known."""
