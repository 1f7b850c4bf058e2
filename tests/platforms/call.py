"""One call against the sandbox, by the package of the platform that runs this: `call.py URL`."""

import platform
import sys

from idcard_verification import Client, Credentials, Site

keys = Credentials("AKIDSANDBOX", "sandbox-secret-key")
with Client(Site.INTERNATIONAL, keys, endpoint=sys.argv[1]) as client:
    answer = client.verify("001000199001010000", "林小满")
print(f"{platform.machine()}: {answer.verdict.name.lower()}, {answer.charge.name.lower()}")
