"""The record in MLflow; the only package that knows it."""
