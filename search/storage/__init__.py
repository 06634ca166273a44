"""The SQL record: Optuna owns trials, our tables own studies and verdicts."""
