"""Reads the scenarios that all languages share, and runs one."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import reduce
from pathlib import Path
from traceback import format_exception
from typing import Any

from hosts import HostProvider, HostSigner, HostTransport

import idcard_verification as idcard
from idcard_verification.testing import SECRET_ID, SECRET_KEY, Sandbox

FOLDER = Path(__file__).parents[3] / "tests" / "scenarios"

RETRY = {"max_attempts", "base_delay_ms", "max_delay_ms", "retry_unknown_charge"}
KEYS = {
    "": {
        "name",
        "account",
        "client",
        "call",
        "function",
        "given",
        "within_ms",
        "expect",
        "others",
        "stats",
        "ledger",
    },
    "client": {
        "secret_id",
        "secret_id_suffix",
        "secret_key",
        "token",
        "endpoint",
        "timeout_ms",
        "pool_idle_timeout_ms",
        "local_check",
        "language",
        "transport",
        "provider",
        "signer",
        "source",
        "retry",
        "requests_per_second",
        "single_flight",
        "cache_ttl_ms",
        "remember_daily_limits",
        "proxy",
        "extra_roots",
        "encryption",
    },
    "call": {
        "identity",
        "id_number",
        "name",
        "encryption",
        "local_check",
        "timeout_ms",
        "cancel_after_ms",
        "repeat",
        "pause_ms",
        "parallel",
        "retry",
        "fresh",
    },
    "stats": {
        "calls",
        "requests",
        "retries",
        "charged",
        "not_charged",
        "unknown",
        "shared",
        "remembered",
        "latency",
    },
    "ledger": {"requests", "charged", "credential_requests"},
    "account": {"requests_per_second", "clock_offset_seconds", "next", "credentials"},
    "client.retry": RETRY,
    "call.retry": RETRY,
    "client.source": {"kind", "role", "token_file", "endpoint"},
    "client.encryption": {"algorithm", "public_key", "fields", "allow_sm4_gcm_nonce_reuse"},
    "call.encryption": {"encrypted_fields", "ciphertext_blob", "iv", "algorithm", "tag_list"},
}
VARIANTS = {
    "verdict",
    "result",
    "charge",
    "kind",
    "error_code",
    "problem",
    "failure",
    "origin",
    "retry",
}


def load() -> list[dict[str, Any]]:
    """All scenarios of all files; one that is not understood fails the run."""
    scenarios = [
        s for path in sorted(FOLDER.glob("*.json")) for s in json.loads(path.read_text("utf-8"))
    ]
    for scenario in scenarios:
        refuse_unknown(scenario)
    return scenarios


def refuse_unknown(scenario: dict[str, Any]) -> None:
    """Fails for a key that no runner knows, however deep."""
    for part, keys in KEYS.items():
        path = part.split(".") if part else []
        place = reduce(lambda inside, key: inside.get(key, {}), path, scenario)
        unknown = set(place) - keys
        assert not unknown, f"{scenario['name']}: unknown keys {unknown}"


def run(sandbox: Sandbox, scenario: dict[str, Any], *, awaited: bool) -> list[str]:
    """Run one scenario and compare every field of what came of it. What is given back is
    everything that a caller could print.
    """
    if "function" in scenario:
        assert call_function(scenario["function"], scenario["given"]) == scenario["expect"]
        return []
    settings = scenario.get("client", {})
    slug = re.sub("[^A-Za-z0-9]", "", scenario["name"])
    suffix = settings.get("secret_id_suffix", "")
    mode = "async" if awaited else "blocking"
    account = settings.get("secret_id", f"{SECRET_ID}-python-{mode}-{slug}{suffix}")
    if "account" in scenario:
        sandbox.set_account(account, **scenario["account"])
    running = (
        asyncio.run(awaited_run(sandbox, settings, account, scenario))
        if awaited
        else (blocking_run(sandbox, settings, account, scenario))
    )
    outcomes, stats, took = running
    printed = [text for outcome in outcomes for text in outcome.pop("printed")]
    expected = folded(scenario["expect"])
    actual = [folded(outcome) for outcome in outcomes]
    assert expected in actual, f"expected {expected}, got {actual}"
    actual.remove(expected)
    others = folded(scenario.get("others", scenario["expect"]))
    assert actual == [others] * len(actual)
    for name, count in scenario.get("stats", {}).items():
        assert stats[name] == count, f"{name}: {stats}"
    if "within_ms" in scenario:
        assert took <= scenario["within_ms"] / 1000
    if "ledger" in scenario:
        ledger = sandbox.ledger(account)
        assert ledger["redirects_followed"] == 0
        assert {key: ledger[key] for key in scenario["ledger"]} == scenario["ledger"]
    return printed


def canaries(sandbox: Sandbox, scenario: dict[str, Any]) -> list[str]:
    """What nothing printed may show."""
    call = scenario.get("call", {})
    person = (
        sandbox.person(call["identity"])
        if "identity" in call
        else (call.get("id_number", ""), call.get("name", ""))
    )
    return [*person, SECRET_KEY, scenario.get("client", {}).get("secret_key", "")]


def folded(fields: dict[str, Any]) -> dict[str, Any]:
    """Names of variants without regard to how a language writes them."""
    return {
        name: re.sub("[^a-z0-9]", "", value.lower()) if name in VARIANTS else value
        for name, value in fields.items()
    }


Run = tuple[list[dict[str, Any]], dict[str, int], float]
"""Outcomes of the last call, or calls at once; the client's counters; seconds it took."""


class Call:
    """What `verify` takes, and the timer that cancels it."""

    def __init__(self, sandbox: Sandbox, call: dict[str, Any]) -> None:
        self.person = (
            sandbox.person(call["identity"])
            if "identity" in call
            else (call["id_number"], call["name"])
        )
        self.options: dict[str, Any] = {}
        if "timeout_ms" in call:
            self.options["timeout"] = call["timeout_ms"] / 1000
        if "local_check" in call:
            self.options["local_check"] = call["local_check"]
        if "retry" in call:
            self.options["retry"] = retry_policy(call["retry"])
        if "fresh" in call:
            self.options["fresh"] = call["fresh"]
        if "encryption" in call:
            absent = {"algorithm": None, "tag_list": None}
            self.options["encryption"] = idcard.Encryption(**{**absent, **call["encryption"]})
        self.timer: threading.Timer | None = None
        if "cancel_after_ms" in call:
            handle = self.options["cancel"] = idcard.CancelHandle()
            if call["cancel_after_ms"] == 0:
                handle.cancel()
            self.timer = threading.Timer(call["cancel_after_ms"] / 1000, handle.cancel)
            self.timer.start()

    def end(self) -> None:
        if self.timer:
            self.timer.join()


def blocking_run(
    sandbox: Sandbox, settings: dict[str, Any], account: str, scenario: dict[str, Any]
) -> Run:
    call = scenario["call"]
    try:
        client = idcard.Client(**client_settings(settings, account, sandbox))
    except idcard.IdCardError as error:
        return [describe_error(error)], {}, 0
    with client, ThreadPoolExecutor(call.get("parallel", 1)) as pool:

        def one(prepared: Call) -> dict[str, Any]:
            try:
                return describe_answer(client.verify(*prepared.person, **prepared.options))
            except idcard.IdCardError as error:
                return describe_error(error)

        for number in range(call.get("repeat", 1)):
            time.sleep(call.get("pause_ms", 0) / 1000 if number else 0)
            prepared = Call(sandbox, call)
            begun = time.monotonic()
            outcomes = list(pool.map(one, [prepared] * call.get("parallel", 1)))
            took = time.monotonic() - begun
            prepared.end()
        return outcomes, counters(client.stats()), took


async def awaited_run(
    sandbox: Sandbox, settings: dict[str, Any], account: str, scenario: dict[str, Any]
) -> Run:
    call = scenario["call"]
    try:
        client = idcard.AsyncClient(**client_settings(settings, account, sandbox))
    except idcard.IdCardError as error:
        return [describe_error(error)], {}, 0

    async def one(prepared: Call) -> dict[str, Any]:
        try:
            return describe_answer(await client.verify(*prepared.person, **prepared.options))
        except idcard.IdCardError as error:
            return describe_error(error)

    async with client:
        for number in range(call.get("repeat", 1)):
            await asyncio.sleep(call.get("pause_ms", 0) / 1000 if number else 0)
            prepared = Call(sandbox, call)
            begun = time.monotonic()
            outcomes = await asyncio.gather(
                *[one(prepared)] + [one(prepared) for _ in range(call.get("parallel", 1) - 1)]
            )
            took = time.monotonic() - begun
            prepared.end()
        return list(outcomes), counters(client.stats()), took


def counters(stats: idcard.ClientStats) -> dict[str, int]:
    named = {name: value for name, value in vars(stats).items() if isinstance(value, int)}
    return {**named, "latency": sum(bucket.calls for bucket in stats.latency)}


def retry_policy(retry: dict[str, Any]) -> idcard.RetryPolicy:
    given = {
        name.removesuffix("_ms"): timedelta(milliseconds=value) if name.endswith("_ms") else value
        for name, value in retry.items()
    }
    return idcard.RetryPolicy(**given)


def client_settings(settings: dict[str, Any], account: str, sandbox: Sandbox) -> dict[str, Any]:
    endpoints = {
        None: sandbox.url,
        "refused": "http://127.0.0.1:1",
        "tls": sandbox.url.replace("http:", "https:"),
    }
    endpoint = settings.get("endpoint")
    made: dict[str, Any] = {
        "site": idcard.Site.INTERNATIONAL,
        "auth": auth(settings, account, sandbox),
        "endpoint": endpoints.get(endpoint) or sandbox.endpoints().get(endpoint, endpoint),
        **{
            name: sandbox.endpoints().get(settings[name], settings[name])
            for name in ("proxy", "extra_roots")
            if name in settings
        },
        "local_check": settings.get("local_check", True),
    }
    for name in ("timeout", "pool_idle_timeout"):
        if f"{name}_ms" in settings:
            made[name] = settings[f"{name}_ms"] / 1000
    if "language" in settings:
        made["language"] = idcard.Language[settings["language"].upper()]
    for name in ("requests_per_second", "single_flight", "remember_daily_limits"):
        if name in settings:
            made[name] = settings[name]
    if "cache_ttl_ms" in settings:
        made["cache_ttl"] = settings["cache_ttl_ms"] / 1000
    if "retry" in settings:
        made["retry"] = retry_policy(settings["retry"])
    if "encryption" in settings:
        made["encryption"] = field_encryption(settings["encryption"], sandbox)
    if "transport" in settings:
        made["transport"] = HostTransport(settings["transport"], sandbox.endpoints()["authority"])
    return made


def auth(settings: dict[str, Any], account: str, sandbox: Sandbox) -> idcard.Auth:
    if "provider" in settings:
        return idcard.Auth.provider(HostProvider(settings["provider"], account))
    if "source" in settings:
        return source(settings["source"], account, sandbox)
    key, token = settings.get("secret_key", SECRET_KEY), settings.get("token")
    keys = idcard.Credentials(account, key, token)
    if "signer" in settings:
        return idcard.Auth.remote_signer(HostSigner(settings["signer"], keys))
    return idcard.Auth.keys(keys)


def source(given: dict[str, Any], account: str, sandbox: Sandbox) -> idcard.Auth:
    role = given.get("role", account)
    endpoint = given.get("endpoint", sandbox.url)
    endpoint = "http://127.0.0.1:1" if endpoint == "refused" else endpoint
    if given["kind"] == "cvm_role":
        return idcard.Auth.cvm_role(role, endpoint)
    assert given["kind"] == "tke_oidc"
    return idcard.Auth.tke_oidc(
        idcard.TkeOidc(
            region="ap-guangzhou",
            provider_id="sandbox-provider",
            token_file=str(FOLDER / "files" / given.get("token_file", "web-identity-token")),
            role_arn=f"qcs::cam::uin/100:roleName/{role}",
            endpoint=endpoint,
        )
    )


def field_encryption(settings: dict[str, Any], sandbox: Sandbox) -> idcard.FieldEncryption:
    given = dict(settings)
    algorithms = {
        "Aes256Cbc": idcard.EncryptionAlgorithm.AES256_CBC,
        "Sm4Gcm": idcard.EncryptionAlgorithm.SM4_GCM,
    }
    if "algorithm" in given:
        given["algorithm"] = algorithms[given["algorithm"]]
    if "public_key" in given:
        key = given["public_key"]
        given["public_key"] = sandbox.encryption_keys().get(key, key)
    return idcard.FieldEncryption(**given)


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
    private_use = [
        {"position": one.position, "code_point": one.code_point, "standard": one.standard}
        for one in normalized.private_use
    ]
    return {"value": normalized.value, "changes": pascal, "private_use": private_use}


def variant(value: Any) -> str:
    """Name of a variant, of an enumeration or of one with fields."""
    return str(getattr(value, "name", type(value).__name__)).rsplit(".", 1)[-1]


def describe_answer(answer: idcard.Verification) -> dict[str, Any]:
    """Where it comes from and what is uncertain are left out when they are as usual."""
    unusual: dict[str, Any] = {}
    if answer.retry is not idcard.Retry.NEVER:
        unusual["retry"] = variant(answer.retry)
    if answer.origin is not idcard.AnswerOrigin.SERVICE:
        unusual["origin"] = variant(answer.origin)
    if answer.uncertain_attempts:
        unusual["uncertain_attempts"] = answer.uncertain_attempts
    return {
        **unusual,
        "verdict": variant(answer.verdict),
        "result": variant(answer.result),
        "code": answer.code,
        "charge": variant(answer.charge),
        "attempts": answer.attempts,
        "request_id": bool(answer.request_id),
        "printed": [str(answer), repr(answer), repr(vars(answer))],
    }


def describe_error(error: idcard.IdCardError) -> dict[str, Any]:
    fields: dict[str, Any] = {"charge": variant(error.charge), "attempts": error.attempts}
    fields["printed"] = [str(error), repr(error), repr(vars(error)), *format_exception(error)]
    if error.retry is not idcard.Retry.NEVER:
        fields["retry"] = variant(error.retry)
    match error:
        case idcard.InvalidInputError():
            text = str(error).removeprefix(f"{error.field}: ")
            fields |= {"error": "invalid_input", "field": error.field, "text": text}
            fields |= {"problem": variant(error.problem.kind())}
        case idcard.ConfigurationError():
            fields |= {"error": "configuration", "text": str(error).removeprefix("configuration: ")}
        case idcard.CredentialsError():
            fields |= {"error": "credentials", "text": str(error).removeprefix("credentials: ")}
        case idcard.NotClaimedError():
            fields |= {"error": "ledger", "problem": variant(error.problem)}
        case idcard.NetworkError():
            fields |= {"error": "network", "failure": variant(error.failure), "sent": error.sent}
        case idcard.CallCancelledError():
            fields |= {"error": "cancelled", "sent": error.sent}
        case idcard.ServiceError():
            fields |= {"error": "service", "kind": variant(error.kind), "code": error.code}
            fields |= {"error_code": variant(error.error_code)}
            fields |= {"request_id": error.request_id is not None}
        case idcard.UnreadableAnswerError():
            fields |= {"error": "unreadable_answer", "problem": variant(error.problem)}
            fields |= {"detail": error.detail, "http_status": error.http_status}
            fields |= {"request_id": error.request_id is not None}
        case _:
            raise error
    return fields
