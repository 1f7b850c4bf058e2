"""Functions that ask nobody."""

from __future__ import annotations

from typing import Any

from ._bridge import native
from ._errors import calling
from ._errors import text as _text


def check_id_number(id_number: str) -> None:
    """Check length, digits, birth date and check digit; raises `InvalidInput`."""
    given = _text("id_number", id_number)
    calling(lambda: native.check_id_number(given))


def check_name(name: str) -> None:
    """Check length and characters; raises `InvalidInput`."""
    given = _text("name", name)
    calling(lambda: native.check_name(given))


def sign_digest(
    credentials: native.Credentials, request: native.SigningRequest
) -> native.RemoteSignature:
    """Sign what a device asks for: the half of a remote signer that your own server runs.

    It signs requests of this library to the service alone, and only for the present; who may ask,
    and how often, is for the server to decide before. Raises `ConfigurationError`.
    """
    return calling(lambda: native.sign_digest(credentials, request))


# The variants of the native module's enumeration, which are classes of their own to a type checker.
_Source: Any = native.CredentialsSource


def discover() -> native.CredentialsSource:
    """Where `Client.discover` finds keys: the first of environment, file, machine and pod."""
    source: native.CredentialsSource = _Source.DISCOVER()
    return source


def cvm_role(role: str | None = None, endpoint: str | None = None) -> native.CredentialsSource:
    """The role of a virtual machine (CVM), by itself the one that the machine has: temporary keys
    from its metadata service, fetched again when 300 s or less are left. `endpoint` is another
    place to ask, such as a sandbox; plain http reaches this machine alone.
    """
    source: native.CredentialsSource = _Source.CVM_ROLE(role, endpoint)
    return source


def tke_oidc(settings: native.TkeOidc | None = None) -> native.CredentialsSource:
    """The identity of a pod (TKE, OIDC): temporary keys from the security token service, fetched
    again when 300 s or less are left. What `settings` leaves out is the pod's environment's.
    """
    source: native.CredentialsSource = _Source.TKE_OIDC(settings or native.TkeOidc())
    return source
