"""Decide whether a refused sign-in is final or retried.

A gateway whose database is down refuses every token, with the message for a bad one (wire contract,
section 1.3). So a token that has not expired is retried, unless the gateway has never accepted
it and does not refresh it either. Revocation and expiry are final.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from presence_tui.monitor.signals import Signal
from presence_tui.transport.credentials import Credential, CredentialError, CredentialHolder
from presence_tui.transport.errors import (
    GatewayError,
    RefusedForNow,
    SessionRevoked,
    SignInNeeded,
    TokenExpired,
)

RenewToken = Callable[[], Awaitable[bool]]
"""Refreshes the token in use; false if it cannot be. Raises ``GatewayError``."""

DOUBTED_S: Final = 60.0
"""A token without expiry that was accepted before is given up after being refused for this long."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The error to report for a refusal, and whether it is final."""

    error: GatewayError
    is_final: bool


class SignIn:
    """Judges refusals of one sign-in, by the socket or by REST."""

    def __init__(
        self, credentials: CredentialHolder, renew_token: RenewToken, gateway_now_s: Callable[[], float]
    ) -> None:
        self._credentials = credentials
        self._renew_token = renew_token
        self._gateway_now_s = gateway_now_s
        self._judging = asyncio.Lock()
        self.replaced: Signal[Credential] = Signal()
        """Emits another credential found in the store; it may belong to another account."""
        self._accepted_owner = ""
        self._spent: Credential | None = None
        self._renewal_tried = False
        self._renewal_refused = False
        self._refused_since_s: float | None = None

    def accept(self, credential: Credential) -> None:
        """Record that the gateway accepted this credential."""
        self._accepted_owner = credential.owner_hint
        self.forget()

    def forget(self) -> None:
        """Judge the next refusal as the first one."""
        self._spent = None
        self._renewal_tried = self._renewal_refused = False
        self._refused_since_s = None

    def is_spent(self, credential: Credential) -> bool:
        """True for a token that has expired according to the gateway: only a refresh can help."""
        return credential == self._spent

    async def judge(self, refusal: SignInNeeded, refused: Credential) -> Verdict:
        """Refresh the refused credential once, and decide whether to retry."""
        if isinstance(refusal, SessionRevoked):
            return Verdict(refusal, is_final=True)
        # The socket and REST are refused at the same time; the second uses the result of the first.
        async with self._judging:
            if self._credentials.current != refused or await self.reload():
                return Verdict(refusal, is_final=False)
            if self._refused_since_s is None:
                self._refused_since_s = self._gateway_now_s()
            if not self._renewal_tried:
                self._renewal_tried = True
                try:
                    if await self._renew_token():
                        return Verdict(refusal, is_final=False)
                except SignInNeeded as final:
                    self._renewal_refused = True
                    refusal = final if isinstance(refusal, TokenExpired) else refusal
                except GatewayError as error:
                    self._renewal_tried = False
                    if self._has_ended(refusal, refused):
                        self._spent = refused
                    elif refused.expires_s is not None:
                        return Verdict(RefusedForNow(refusal), is_final=False)
                    return Verdict(error, is_final=False)
            if self._may_pass(refusal, refused):
                return Verdict(RefusedForNow(refusal), is_final=False)
            return Verdict(refusal, is_final=True)

    async def reload(self) -> bool:
        """Use another credential if the store has one."""
        try:
            is_new = await self._credentials.reload()
        except CredentialError:
            # An unreadable store does not invalidate the token in use.
            return False
        if is_new:
            self.replaced.emit(self._credentials.current)
        return is_new

    def _may_pass(self, refusal: SignInNeeded, refused: Credential) -> bool:
        was_accepted = refused.owner_hint == self._accepted_owner
        if refused.expires_s is None:
            since_s = self._refused_since_s
            return was_accepted and since_s is not None and self._gateway_now_s() - since_s < DOUBTED_S
        if self._has_ended(refusal, refused):
            return False
        return was_accepted or (self._renewal_tried and not self._renewal_refused)

    def _has_ended(self, refusal: SignInNeeded, refused: Credential) -> bool:
        expires_s = refused.expires_s
        return isinstance(refusal, TokenExpired) or (
            expires_s is not None and expires_s <= self._gateway_now_s()
        )
