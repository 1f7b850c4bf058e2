"""Reads the scenarios that all languages share, and runs one."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transports import HostTransport

import idcard_verification as idcard
from idcard_verification.testing import SECRET_ID, SECRET_KEY, Sandbox

FOLDER = Path(__file__).parents[3] / "tests" / "scenarios"

KEYS = {
    "": {"name", "account", "client", "call", "function", "given", "within_ms", "expect", "ledger"},
    "client": {
        "secret_id",
        "secret_id_suffix",
        "secret_key",
        "token",
        "endpoint",
        "timeout_ms",
        "local_check",
        "language",
        "transport",
    },
    "call": {
        "identity",
        "id_number",
        "name",
        "local_check",
        "timeout_ms",
        "cancel_after_ms",
        "repeat",
    },
    "ledger": {"requests", "charged"},
}
VARIANTS = {"verdict", "result", "charge", "kind", "error_code", "problem", "failure"}


def load() -> list[dict[str, Any]]:
    """All scenarios of all files; one that is not understood fails the run."""
    scenarios = [
        s for path in sorted(FOLDER.glob("*.json")) for s in json.loads(path.read_text("utf-8"))
    ]
    for scenario in scenarios:
        for part, keys in KEYS.items():
            unknown = set(scenario.get(part, {}) if part else scenario) - keys
            assert not unknown, f"{scenario['name']}: unknown keys {unknown}"
    return scenarios


def run(sandbox: Sandbox, scenario: dict[str, Any], *, awaited: bool) -> None:
    """Run one scenario and compare every field of what came of it."""
    if "function" in scenario:
        assert call_function(scenario["function"], scenario["given"]) == scenario["expect"]
        return
    settings = scenario.get("client", {})
    slug = re.sub("[^A-Za-z0-9]", "", scenario["name"])
    suffix = settings.get("secret_id_suffix", "")
    mode = "async" if awaited else "blocking"
    account = settings.get("secret_id", f"{SECRET_ID}-python-{mode}-{slug}{suffix}")
    if "account" in scenario:
        sandbox.set_account(account, **scenario["account"])
    call = scenario["call"]
    for _ in range(call.get("repeat", 1)):
        begun = time.monotonic()
        actual = outcome(sandbox, settings, account, call, awaited=awaited)
        took = time.monotonic() - begun
    assert folded(actual) == folded(scenario["expect"])
    if "within_ms" in scenario:
        assert took <= scenario["within_ms"] / 1000
    if "ledger" in scenario:
        ledger = sandbox.ledger(account)
        assert ledger["redirects_followed"] == 0
        assert {key: ledger[key] for key in scenario["ledger"]} == scenario["ledger"]


def folded(fields: dict[str, Any]) -> dict[str, Any]:
    """Names of variants without regard to how a language writes them."""
    return {
        name: re.sub("[^a-z0-9]", "", value.lower()) if name in VARIANTS else value
        for name, value in fields.items()
    }


@dataclass
class Call:
    """What `verify` takes."""

    person: tuple[str, str]
    options: dict[str, Any]


def outcome(
    sandbox: Sandbox, settings: dict[str, Any], account: str, call: dict[str, Any], *, awaited: bool
) -> dict[str, Any]:
    person = (
        sandbox.person(call["identity"])
        if "identity" in call
        else (call["id_number"], call["name"])
    )
    options: dict[str, Any] = {}
    if "timeout_ms" in call:
        options["timeout"] = call["timeout_ms"] / 1000
    if "local_check" in call:
        options["local_check"] = call["local_check"]
    timer = None
    if "cancel_after_ms" in call:
        handle = options["cancel"] = idcard.CancelHandle()
        if call["cancel_after_ms"] == 0:
            handle.cancel()
        timer = threading.Timer(call["cancel_after_ms"] / 1000, handle.cancel)
        timer.start()
    try:
        if awaited:
            answer = asyncio.run(verify_awaited(settings, account, sandbox, Call(person, options)))
        else:
            with idcard.Client(**client_settings(settings, account, sandbox)) as client:
                answer = client.verify(*person, **options)
        return describe_answer(answer)
    except idcard.IdCardError as error:
        return describe_error(error)
    finally:
        if timer:
            timer.join()


async def verify_awaited(
    settings: dict[str, Any], account: str, sandbox: Sandbox, call: Call
) -> idcard.Verification:
    async with idcard.AsyncClient(**client_settings(settings, account, sandbox)) as client:
        return await client.verify(*call.person, **call.options)


def client_settings(settings: dict[str, Any], account: str, sandbox: Sandbox) -> dict[str, Any]:
    from idcard_verification._errors import calling

    endpoints = {
        None: sandbox.url,
        "refused": "http://127.0.0.1:1",
        "tls": sandbox.url.replace("http:", "https:"),
    }
    endpoint = settings.get("endpoint")
    made: dict[str, Any] = {
        "site": idcard.Site.INTERNATIONAL,
        "credentials": calling(
            lambda: idcard.Credentials(
                account, settings.get("secret_key", SECRET_KEY), settings.get("token")
            )
        ),
        "endpoint": endpoints.get(endpoint, endpoint),
        "local_check": settings.get("local_check", True),
    }
    if "timeout_ms" in settings:
        made["timeout"] = settings["timeout_ms"] / 1000
    if "language" in settings:
        made["language"] = idcard.Language[settings["language"].upper()]
    if "transport" in settings:
        made["transport"] = HostTransport(settings["transport"])
    return made


def call_function(function: str, given: str) -> dict[str, Any]:
    if function == "expected_check_digit":
        return {"value": idcard.expected_check_digit(given)}
    functions = {
        "normalize_name": idcard.normalize_name,
        "normalize_id_number": idcard.normalize_id_number,
    }
    normalized = functions[function](given)
    pascal = [
        "".join(part.title() for part in change.name.split("_")) for change in normalized.changes
    ]
    return {"value": normalized.value, "changes": pascal}


def variant(value: Any) -> str:
    """Name of a variant, of an enumeration or of one with fields."""
    return str(getattr(value, "name", type(value).__name__)).rsplit(".", 1)[-1]


def describe_answer(answer: idcard.Verification) -> dict[str, Any]:
    return {
        "verdict": variant(answer.verdict),
        "result": variant(answer.result),
        "code": answer.code,
        "charge": variant(answer.charge),
        "attempts": answer.attempts,
        "request_id": bool(answer.request_id),
    }


def describe_error(error: idcard.IdCardError) -> dict[str, Any]:
    fields: dict[str, Any] = {"charge": variant(error.charge), "attempts": error.attempts}
    match error:
        case idcard.InvalidInput():
            text = str(error).removeprefix(f"{error.field}: ")
            fields |= {"error": "invalid_input", "field": error.field, "text": text}
            fields |= {"problem": variant(error.problem)}
        case idcard.ConfigurationError():
            fields |= {"error": "configuration", "text": str(error).removeprefix("configuration: ")}
        case idcard.CredentialsError():
            fields |= {"error": "credentials", "text": str(error).removeprefix("credentials: ")}
        case idcard.NetworkError():
            fields |= {"error": "network", "failure": variant(error.failure), "sent": error.sent}
        case idcard.Cancelled():
            fields |= {"error": "cancelled", "sent": error.sent}
        case idcard.ServiceError():
            fields |= {"error": "service", "kind": variant(error.kind), "code": error.code}
            fields |= {"error_code": variant(error.error_code)}
            fields |= {"request_id": error.request_id is not None}
        case idcard.UnreadableAnswer():
            fields |= {"error": "unreadable_answer", "problem": variant(error.problem)}
            fields |= {"detail": error.detail, "http_status": error.http_status}
            fields |= {"request_id": error.request_id is not None}
        case _:
            raise error
    return fields
