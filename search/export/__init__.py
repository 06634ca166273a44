"""Export: a network of a study, a landmark or an architecture file leaves as files that need nothing of ours."""
