"""Records are values: compared, hashed, replaced, taken apart and printed."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from scenarios import refuse_unknown

import idcard_verification as idcard
from idcard_verification.testing import Sandbox


def values(sandbox: Sandbox) -> list[Any]:
    with sandbox.client() as client:
        answer = client.verify(*sandbox.person("result:0"))
        stats = client.stats()
    return [
        answer,
        stats,
        *stats.latency,
        idcard.RetryPolicy(max_attempts=2),
        idcard.FieldEncryption(fields=["IdCard"]),
        idcard.TkeOidc(region="ap-guangzhou"),
        idcard.normalize_name("Liu  Yang"),
        idcard.HttpHeader(name="a", value="b"),
        idcard.RemoteSignature(authorization="TC3"),
    ]


def test_every_record_is_a_dataclass_with_its_fields(sandbox: Sandbox) -> None:
    for value in values(sandbox):
        names = [field.name for field in dataclasses.fields(value)]
        assert names and dataclasses.asdict(value).keys() == set(names), value
        assert dataclasses.replace(value) == value
        assert hash(dataclasses.replace(value)) == hash(value)
        assert value != 1 and value not in {"another": 1}
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, names[0], None)


def test_what_prints_tells_figures_and_nobody(sandbox: Sandbox) -> None:
    with sandbox.client() as client:
        answer = client.verify(*sandbox.person("result:0"))
        stats = client.stats()
    assert "calls=1" in repr(stats) and "charged=1" in str(stats) and "up_to_ms=" in repr(stats)
    assert "[redacted]" in repr(answer) and str(answer) == repr(answer)
    assert answer.result_description not in repr(answer)


def test_a_list_that_is_handed_over_may_change() -> None:
    fields = ["IdCard"]
    encryption = idcard.FieldEncryption(fields=fields)
    fields.append("Name")
    assert encryption.fields == ("IdCard",)


def test_problems_have_a_flat_kind(sandbox: Sandbox) -> None:
    found = []
    for number in ("1", "11204416541220243", "1120441654122024AX", "11204416541220243x"):
        with pytest.raises(idcard.InvalidInputError) as raised:
            idcard.check_id_number(number)
        found.append(raised.value.problem)
    kinds = {problem.kind(): problem for problem in found}
    assert kinds[idcard.InputProblemKind.LOWERCASE_X] == found[3]
    match found[0].kind():
        case idcard.InputProblemKind.NUMBER_LENGTH:
            assert found[0].actual == 1
        case other:
            pytest.fail(str(other))
    assert found[0] == type(found[0])(1) and hash(found[0]) == hash(type(found[0])(1))
    assert found[0] != found[1] and len({*found, *found}) == len(found)
    assert str(found[0]) == "length is 1, expected 18"


def test_every_error_ends_in_error_and_says_what_to_do() -> None:
    errors = [
        value
        for name in idcard.__all__
        if isinstance(value := getattr(idcard, name), type) and issubclass(value, Exception)
    ]
    assert len(errors) >= 12
    assert all(kind.__name__.endswith("Error") for kind in errors)
    with pytest.raises(idcard.InvalidInputError) as raised:
        idcard.check_name("")
    assert raised.value.retry is idcard.Retry.NEVER
    assert raised.value.meaning == "An argument is wrong. Nothing was sent."


def test_each_native_error_has_one_of_ours() -> None:
    from idcard_verification._bridge import native
    from idcard_verification._errors import _BY_VARIANT

    variants = {
        name
        for name, value in vars(native.IdCardError).items()
        if isinstance(value, type) and issubclass(value, Exception)
    }
    assert variants == _BY_VARIANT.keys()
    assert len(set(_BY_VARIANT.values())) == len(variants)


@pytest.mark.parametrize("path", ["typo", "call.typo", "call.retry.typo", "client.source.typo"])
def test_a_runner_refuses_keys_that_it_does_not_know(path: str) -> None:
    scenario: dict[str, Any] = {"name": "mistyped"}
    place = scenario
    *parts, last = path.split(".")
    for part in parts:
        place = place.setdefault(part, {})
    place[last] = 1
    with pytest.raises(AssertionError, match="unknown keys"):
        refuse_unknown(scenario)


def test_a_configuration_is_one_value() -> None:
    with pytest.raises(TypeError):
        idcard.Client(idcard.Site.INTERNATIONAL)  # type: ignore[call-arg]
    keys = idcard.Credentials("AKIDinvented", "invented")
    for auth in (keys, idcard.Auth.keys(keys), idcard.Auth.cvm_role(), idcard.Auth.tke_oidc()):
        if not isinstance(auth, idcard.Auth) or "TKE" not in repr(auth):
            idcard.Client(idcard.Site.INTERNATIONAL, auth).close()
    with pytest.raises(idcard.ConfigurationError):
        idcard.Client(idcard.Site.INTERNATIONAL, "keys")  # type: ignore[arg-type]


def test_no_error_holds_a_secret_or_a_person() -> None:
    for make in (
        lambda: idcard.Credentials("id", "a secret\ud800"),
        lambda: idcard.Credentials("id", 7),  # type: ignore[arg-type]
        lambda: idcard.normalize_name("a name\ud800"),
        lambda: idcard.normalize_id_number(7),  # type: ignore[arg-type]
        lambda: idcard.expected_check_digit("a secret\ud800"),
    ):
        with pytest.raises(idcard.IdCardError) as raised:
            make()
        told = [raised.value, raised.value.__cause__, raised.value.__context__]
        assert not any("secret" in repr(vars(one)) + repr(one) for one in told if one is not None)
        assert raised.value.__cause__ is None and raised.value.__context__ is None


def test_options_that_cannot_be_are_configuration_errors(sandbox: Sandbox) -> None:
    wrong: list[dict[str, Any]] = [
        {"retry": 5},
        {"retry": idcard.RetryPolicy(base_delay=timedelta(seconds=-1))},
        {"timeout": -1},
        {"cancel": "me"},
    ]
    with sandbox.client() as client:
        for options in wrong:
            with pytest.raises(idcard.ConfigurationError):
                client.verify(*sandbox.person("result:0"), **options)
        assert client.stats().requests == 0
