"""A driver for tests: claims a study as the real one does, trains nothing, and ends it; needs no import of ours.

Usage: python fake_driver.py DATABASE.db STUDY SECONDS; a line a run goes to DATABASE.db.runs.
"""

import os
import socket
import sqlite3
import sys
import threading
import time


def end_with_runner() -> None:
    os.read(0, 1)
    os._exit(130)


path, study, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
threading.Thread(target=end_with_runner, daemon=True).start()
database = sqlite3.connect(path, timeout=30, isolation_level=None)
driver = f"{socket.gethostname()}:{os.getpid()}:1"  # which nobody takes for alive
claim = "UPDATE penchant_studies SET state = 'running', driver = ? WHERE name = ? AND state = 'queued'"
if database.execute(claim, (driver, study)).rowcount != 1:
    sys.exit(2)
with open(f"{path}.runs", "a") as runs:
    print(study, file=runs, flush=True)
time.sleep(seconds)
release = "UPDATE penchant_studies SET state = 'finished', driver = NULL WHERE name = ? AND driver = ?"
database.execute(release, (study, driver))
