"""How a client proves whose account it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._bridge import native

if TYPE_CHECKING:
    from ._native.idcard_verification import (
        Credentials,
        CredentialsProvider,
        RemoteSigner,
        TkeOidc,
    )

# The variants of the native module's enumeration, which are classes of their own to a type checker.
_Native: Any = native.Auth


@dataclass(frozen=True)
class Auth:
    """How the requests of a client are signed. Make one by a method of this class."""

    _native: Any

    def __repr__(self) -> str:
        return f"<{type(self._native).__name__}>"

    @staticmethod
    def keys(credentials: Credentials) -> Auth:
        """Keys that are given; `Client(site, credentials)` is the same."""
        return Auth(_Native.KEYS(credentials))

    @staticmethod
    def provider(provider: CredentialsProvider) -> Auth:
        """Keys that `provider` provides for each request, such as temporary ones."""
        return Auth(_Native.PROVIDER(provider))

    @staticmethod
    def remote_signer(signer: RemoteSigner) -> Auth:
        """No keys: `signer` signs each request. It sees a hash and nothing of the person."""
        return Auth(_Native.REMOTE_SIGNER(signer))

    @staticmethod
    def default_chain() -> Auth:
        """The first of these that has keys, as the vendor's tools find them: the environment, the
        profile `[default]` of the file that `TENCENTCLOUD_CREDENTIALS_FILE` names, of
        `~/.tencentcloud/credentials` or `/etc/tencentcloud/credentials`, the role of the virtual
        machine, the identity of the pod. One that is there and malformed is a `CredentialsError`.
        """
        return Auth(_Native.DEFAULT_CHAIN())

    @staticmethod
    def cvm_role(role: str | None = None, endpoint: str | None = None) -> Auth:
        """The role of a virtual machine (CVM), the one that it has unless `role` names one:
        temporary keys from its metadata service, fetched again when 300 s or less are left.
        `endpoint` is another place to ask, such as a sandbox; plain http reaches this machine
        alone.
        """
        return Auth(_Native.CVM_ROLE(role, endpoint))

    @staticmethod
    def tke_oidc(settings: TkeOidc | None = None) -> Auth:
        """The identity of a pod (TKE, OIDC): temporary keys from the security token service,
        fetched again when 300 s or less are left. What `settings` leaves out is the pod's
        environment's.
        """
        return Auth(_Native.TKE_OIDC(settings or native.TkeOidc()))


def auth_of(given: Auth | Credentials) -> Any:
    """The native value of what a client is given."""
    return given._native if isinstance(given, Auth) else _Native.KEYS(given)


def calls_back(auth: Any) -> bool:
    """Whether keys or signatures come from code of the application."""
    return isinstance(auth, (_Native.PROVIDER, _Native.REMOTE_SIGNER))
