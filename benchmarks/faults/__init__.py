"""The fault drill: real processes are killed, stopped and starved while a study runs, and nothing may be lost."""
