"""Copies and pickles: what stands for memory of the library refuses, every error survives."""

from __future__ import annotations

import copy
import dataclasses
import gc
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import idcard_verification as idcard
from idcard_verification._bridge import native
from idcard_verification._tools import tools
from idcard_verification.testing import Sandbox

COPIES: list[Callable[[Any], Any]] = [
    copy.copy,
    copy.deepcopy,
    lambda value: pickle.loads(pickle.dumps(value)),
]


def handles(sandbox: Sandbox) -> list[object]:
    client = sandbox.client()
    return [
        client,
        client._native,
        sandbox.async_client(),
        idcard.Credentials("AKIDSANDBOX", "sandbox-secret-key"),
        idcard.CancelHandle(),
        idcard.CallProgress(),
        idcard.MemoryLedger(),
        native.ParkedCall(),
        sandbox._server,
    ]


def test_every_object_of_the_bridge_refuses(sandbox: Sandbox) -> None:
    for value in handles(sandbox):
        for copied in [*COPIES, lambda value: dataclasses.asdict(Holder(value))]:
            with pytest.raises(TypeError, match="make one per process"):
                copied(value)
    gc.collect()
    with sandbox.client() as client:
        assert client.verify(*sandbox.person("result:0")).code == "0"


@dataclasses.dataclass
class Holder:
    """As a program keeps a client."""

    value: object


def test_no_class_of_the_bridge_is_forgotten() -> None:
    """A new version of the generator may call the handle otherwise, and this sees it."""
    names = set()
    for module in (native, tools):
        for name, kind in vars(module).items():
            if isinstance(kind, type) and "_handle" in getattr(kind, "__annotations__", {}):
                names.add(name)
                assert kind.__reduce_ex__ is not object.__reduce_ex__, name
    assert {"Client", "Credentials", "CancelHandle", "CallProgress", "EmbeddedSandbox"} <= names
    assert "MemoryLedger" in names


class Asleep(idcard.Ledger):
    """A ledger that cannot be asked."""

    async def claim(self, claim: idcard.LedgerClaim) -> idcard.ClaimState:
        raise idcard.LedgerError.Unavailable("asleep")


def errors(sandbox: Sandbox) -> list[Exception]:
    found: list[Exception] = []

    def collect(call: Callable[[], object]) -> None:
        with pytest.raises(Exception) as raised:
            call()
        found.append(raised.value)

    with sandbox.client(timeout=0.3, retry=idcard.RetryPolicy(max_attempts=1)) as client:
        for key in ["error:InternalError", "fault:hang", "fault:garbage", "fault:huge"]:
            if key in sandbox.people():
                collect(lambda key=key: client.verify(*sandbox.person(key)))  # type: ignore[misc]
        handle = idcard.CancelHandle()
        handle.cancel()
        collect(lambda: client.verify(*sandbox.person("result:0"), cancel=handle))
    ledger = idcard.LedgerConfig(ledger=Asleep(), key=bytes(16))
    with sandbox.client(ledger=ledger) as client:
        collect(lambda: client.verify(*sandbox.person("result:0")))
    collect(lambda: idcard.check_id_number("1"))
    collect(lambda: idcard.check_id_number("11204416541220243X"))
    collect(lambda: idcard.check_name("a•b"))
    keys = idcard.Credentials("AKIDinvented", "invented")
    collect(lambda: idcard.Client(idcard.Site.INTERNATIONAL, keys, endpoint="ftp://nowhere"))
    collect(lambda: idcard.Client.from_env(idcard.Site.INTERNATIONAL))
    collect(lambda: idcard.Credentials("", ""))
    collect(lambda: idcard.Client.from_env(idcard.Site.INTERNATIONAL, timeout=-1))
    found.append(idcard.PanicError("panic: a fault", charge=idcard.Charge.UNKNOWN, attempts=2))
    found.append(idcard.TransportError.Failed(idcard.NetworkFailure.TLS, False))
    found.append(idcard.ProviderError.Unavailable("asleep"))
    found.append(idcard.SignerError.Unavailable("asleep"))
    found.append(idcard.LedgerError.Unavailable("asleep"))
    found.append(idcard.LedgerError.NotTheOwner())
    return found


def test_every_error_survives_with_all_its_fields(sandbox: Sandbox) -> None:
    found = errors(sandbox)
    tested = {type(error) for error in found}
    for kind in (
        idcard.InvalidInputError,
        idcard.ConfigurationError,
        idcard.NotClaimedError,
        idcard.NetworkError,
        idcard.CallCancelledError,
        idcard.ServiceError,
        idcard.UnreadableAnswerError,
    ):
        assert kind in tested, kind
    for error in found:
        error.add_note("a note")
        for copied in COPIES:
            made = copied(error)
            assert type(made) is type(error)
            assert (str(made), made.args) == (str(error), error.args)
            assert vars(made).keys() == vars(error).keys()
            for name, value in vars(error).items():
                assert vars(made)[name] == value, (error, name)


def test_answers_and_settings_survive(sandbox: Sandbox) -> None:
    with sandbox.client() as client:
        answer = client.verify(*sandbox.person("result:0"))
        values = [answer, client.stats(), idcard.RetryPolicy(), idcard.FieldEncryption()]
        outcome = next(client.verify_many([sandbox.person("error:InternalError")]))
    for copied in COPIES:
        made = copied(outcome)
        assert (made.index, made.person, str(made.error)) == (0, outcome.person, str(outcome.error))
    for value in values:
        for copied in COPIES:
            assert vars(copied(value)) == vars(value)


def test_a_panic_arrives_below_the_common_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from idcard_verification._errors import translate_errors

    # The tools are another library, with an error of their own. It says what ours would say.
    with pytest.raises(tools.InternalError, match="on purpose") as panicked:
        tools.panic_on_request(True)

    def panics() -> None:
        raise native.InternalError(*panicked.value.args)

    with pytest.raises(idcard.PanicError) as raised:
        translate_errors(panics)
    assert raised.value.charge is idcard.Charge.UNKNOWN
    assert "on purpose" not in str(raised.value)


@pytest.mark.parametrize("value", [None, 1, 1.5, float("nan"), b"001", ["a"], "\ud800", "a\udfffb"])
def test_what_is_no_text_is_invalid_input(sandbox: Sandbox, value: Any) -> None:
    number, name = sandbox.person("result:0")
    with sandbox.client() as client:
        for person, field in [((value, name), "id_number"), ((number, value), "name")]:
            with pytest.raises(idcard.InvalidInputError) as raised:
                client.verify(*person)
            assert raised.value.field == field
            assert str(raised.value) == f"{field}: is not text"
            assert raised.value.__cause__ is None and raised.value.__context__ is None
        assert client.stats().requests == 0
    for check in (idcard.check_id_number, idcard.check_name):
        with pytest.raises(idcard.InvalidInputError):
            check(value)


@pytest.mark.parametrize(
    "setting",
    [
        {"timeout": -1},
        {"timeout": float("nan")},
        {"timeout": float("inf")},
        {"timeout": 1e300},
        {"timeout": "10"},
        {"pool_idle_timeout": -0.1},
        {"cache_ttl": float("nan")},
        {"requests_per_second": -1},
        {"requests_per_second": 2**40},
        {"endpoint": 7},
        {"endpoint": "http://\ud800"},
        {"proxy": "socks5://127.0.0.1:1080"},
    ],
    ids=str,
)
def test_a_setting_that_cannot_be_is_a_configuration_error(setting: dict[str, Any]) -> None:
    keys = idcard.Credentials("AKIDSANDBOX", "sandbox-secret-key")
    with pytest.raises(idcard.ConfigurationError):
        idcard.Client(idcard.Site.INTERNATIONAL, keys, **setting)
