"""One call against the sandbox, and a file of one person, by the package of the platform that runs
this: `call.py URL`.
"""

import platform
import sys
import tempfile
from pathlib import Path

from idcard_verification import Client, Credentials, Site
from idcard_verification.bulk import verify_file

PERSON = ("001000199001010000", "林小满")

keys = Credentials("AKIDSANDBOX", "sandbox-secret-key")
with Client(Site.INTERNATIONAL, keys, endpoint=sys.argv[1]) as client:
    answer = client.verify(*PERSON)
    with tempfile.TemporaryDirectory() as folder:
        people = Path(folder, "people.csv")
        people.write_text(",".join(PERSON) + "\n", encoding="utf-8")
        report = verify_file(client, people).report
        assert (report.matches, report.charges.charged) == (1, 1), report
print(f"{platform.machine()}: {answer.verdict.name.lower()}, {answer.charge.name.lower()}")
