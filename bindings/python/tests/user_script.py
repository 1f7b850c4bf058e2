"""A user's script, checked by `mypy --strict`: every result and error can be handled by name."""

from __future__ import annotations

from idcard_verification import (
    Charge,
    Client,
    IdCardError,
    NetworkError,
    ResultCode,
    ServiceError,
    Site,
    Verdict,
)


def decide(number: str, name: str) -> str:
    try:
        with Client.from_env(Site.INTERNATIONAL) as client:
            answer = client.verify(number, name)
    except ServiceError as error:
        return f"{error.kind.name} {error.code} {error.request_id}"
    except NetworkError as error:
        return f"{error.failure.name} {'sent' if error.sent else 'not sent'}"
    except IdCardError as error:
        return f"{error} {error.charge is Charge.NOT_CHARGED}"
    if answer.result is ResultCode.DAILY_LIMIT_REACHED:
        return "tomorrow"
    match answer.verdict:
        case Verdict.MATCH:
            return "the same person"
        case Verdict.MISMATCH:
            return "not the same person"
        case Verdict.INCONCLUSIVE:
            return answer.result.meaning()
