"""Requests that Schemathesis makes up from the OpenAPI, to a server that demands tokens: no 5xx, nothing undescribed.

Run: python benchmarks/fuzz.py [EXAMPLES]; examples an operation, 150 by default. Streams of events, which do not end
while a study waits, are left out.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAMS = Path(sys.executable).parent
LEAST_REQUESTS = 2000
NOT_MEANT = "positive_data_acceptance,ensure_resource_availability,allow_header_conformance,ignored_auth"
"""Checks that do not know that data must exist to be accepted, that a new study has no verdict, and that Starlette
names in `Allow` the methods of one endpoint alone; and one that sends so many wrong tokens that right ones wait, too,
see tests/search/service/test_auth.py."""


def main() -> int:
    """Starts a server, fuzzes it, and prints what was found; 0 where that is nothing."""
    examples = sys.argv[1] if len(sys.argv) > 1 else "150"
    with tempfile.TemporaryDirectory() as home:
        os.environ["PENCHANT_HOME"] = home
        penchant = [sys.executable, "-m", "search.cli"]
        make_token = [*penchant, "token", "create", "--scope", "admin"]
        token = subprocess.run(make_token, check=True, capture_output=True, text=True).stdout.strip()
        command = [*penchant, "serve", "--port", "0", "--no-runner", "--demand-tokens"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
            assert server.stderr is not None
            address = re.search(r"http://\S+", server.stderr.readline())
            assert address is not None
            try:
                return fuzz(address[0], token, examples)
            finally:
                server.terminate()
                log = server.stderr.read()
                print("the server's log holds a traceback" if "Traceback" in log else "the server's log is clean")


def fuzz(address: str, token: str, examples: str) -> int:
    """Runs Schemathesis; its report goes to standard output."""
    run = [PROGRAMS / "schemathesis", "run", f"{address}/openapi.json", "--no-color", "--max-examples", examples]
    run += ["--exclude-path-regex", "events$", "--request-timeout", "20", "--exclude-checks", NOT_MEANT]
    done = subprocess.run([*run, "--header", f"Authorization: Bearer {token}"], stdout=subprocess.PIPE, text=True)
    print(done.stdout)
    requests = sum(map(int, re.findall(r"(\d+) generated", done.stdout)))
    print(f"{requests} requests")
    return done.returncode or int(requests < LEAST_REQUESTS)


if __name__ == "__main__":
    sys.exit(main())
