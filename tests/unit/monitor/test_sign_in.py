"""Whether a refused sign-in is final, in all cases."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from presence_tui.monitor.sign_in import DOUBTED_S, SignIn, Verdict
from presence_tui.transport.credentials import Credential, CredentialError
from presence_tui.transport.errors import (
    GatewayBroken,
    GatewayError,
    RefusedForNow,
    SessionRevoked,
    SignInNeeded,
    TokenExpired,
)

NOW_S = 1_000.0
BROKEN = GatewayBroken(500, "Sorry")
REFUSED, EXPIRED = SignInNeeded(), TokenExpired()

Renewal = bool | GatewayError


def credential(expires_s: float | None, owner: str = "ada") -> Any:
    return SimpleNamespace(expires_s=expires_s, owner_hint=owner)


class Judged:
    """A sign-in with a credential that expires at a time, and a gateway that renews it or does not."""

    def __init__(self, expires_s: float | None, *renewals: Renewal) -> None:
        self.credential = credential(expires_s)
        self.now_s = NOW_S
        self.renewals = list(renewals)
        self.reloads: list[bool | CredentialError] = []
        self.current: Credential = self.credential
        holder: Any = self
        self.sign_in = SignIn(holder, self._renew, lambda: self.now_s)
        self.replaced: list[Any] = []
        self.sign_in.replaced.subscribe(self.replaced.append)

    async def reload(self) -> bool:
        found = self.reloads.pop(0) if self.reloads else False
        if isinstance(found, CredentialError):
            raise found
        return found

    async def _renew(self) -> bool:
        renewal = self.renewals.pop(0)
        if isinstance(renewal, GatewayError):
            raise renewal
        return renewal

    async def judge(self, refusal: SignInNeeded = REFUSED) -> tuple[str, bool]:
        """The kind of the verdict, and whether it is final."""
        verdict = await self.sign_in.judge(refusal, self.credential)
        kinds: dict[type, str] = {RefusedForNow: "for now", TokenExpired: "expired", GatewayBroken: "broken"}
        return kinds.get(type(verdict.error), "refused"), verdict.is_final


LATER_S, OVER_S = NOW_S + 1, NOW_S


@pytest.mark.parametrize(
    ("expires_s", "was_accepted", "refusal", "renewal", "verdict"),
    [
        (LATER_S, True, REFUSED, True, ("refused", False)),
        (LATER_S, True, REFUSED, False, ("for now", False)),
        (LATER_S, True, REFUSED, REFUSED, ("for now", False)),
        (LATER_S, True, REFUSED, BROKEN, ("for now", False)),
        (LATER_S, True, EXPIRED, False, ("expired", True)),
        (LATER_S, True, EXPIRED, REFUSED, ("for now", False)),
        (LATER_S, True, EXPIRED, EXPIRED, ("expired", True)),
        (LATER_S, True, EXPIRED, BROKEN, ("broken", False)),
        (LATER_S, False, REFUSED, False, ("for now", False)),
        (LATER_S, False, REFUSED, EXPIRED, ("refused", True)),
        (LATER_S, False, REFUSED, BROKEN, ("for now", False)),
        (OVER_S, True, REFUSED, False, ("refused", True)),
        (OVER_S, True, REFUSED, EXPIRED, ("refused", True)),
        (OVER_S, True, REFUSED, BROKEN, ("broken", False)),
        (None, True, REFUSED, False, ("for now", False)),
        (None, True, REFUSED, REFUSED, ("for now", False)),
        (None, True, REFUSED, BROKEN, ("broken", False)),
        (None, False, REFUSED, False, ("refused", True)),
        (None, False, REFUSED, BROKEN, ("broken", False)),
        (None, False, REFUSED, True, ("refused", False)),
    ],
)
async def test_a_first_refusal(
    expires_s: float | None,
    was_accepted: bool,
    refusal: SignInNeeded,
    renewal: Renewal,
    verdict: tuple[str, bool],
) -> None:
    judged = Judged(expires_s, renewal)
    if was_accepted:
        judged.sign_in.accept(judged.credential)
    assert await judged.judge(refusal) == verdict
    is_spent = renewal is BROKEN and (expires_s == OVER_S or refusal is EXPIRED)
    assert judged.sign_in.is_spent(judged.credential) is is_spent
    judged.sign_in.forget()
    assert not judged.sign_in.is_spent(judged.credential)


async def test_a_revoked_session_is_final_at_once() -> None:
    judged = Judged(LATER_S)
    revoked = SessionRevoked("signed out elsewhere")
    assert await judged.sign_in.judge(revoked, judged.credential) == Verdict(revoked, is_final=True)


async def test_a_renewal_is_tried_once_unless_it_failed_for_now() -> None:
    judged = Judged(LATER_S, BROKEN, BROKEN, False)
    for _ in range(4):
        assert await judged.judge() == ("for now", False)
    assert judged.renewals == []
    judged.renewals = [True]
    judged.sign_in.forget()
    assert await judged.judge() == ("refused", False)
    assert judged.renewals == []


async def test_a_token_without_expiry_is_doubted_for_a_while() -> None:
    judged = Judged(None, False, False)
    judged.sign_in.accept(judged.credential)
    for passed_s, verdict in ((0.0, ("for now", False)), (DOUBTED_S - 1, ("for now", False))):
        judged.now_s = NOW_S + passed_s
        assert await judged.judge() == verdict
    judged.now_s = NOW_S + DOUBTED_S
    assert await judged.judge() == ("refused", True)
    judged.sign_in.accept(judged.credential)
    assert await judged.judge() == ("for now", False), "it was accepted since"


async def test_a_token_of_somebody_else_was_not_accepted() -> None:
    judged = Judged(None, False)
    judged.sign_in.accept(credential(None, "ben"))
    assert await judged.judge() == ("refused", True)


async def test_another_credential_is_tried_before_the_refused_one_is_renewed() -> None:
    judged = Judged(LATER_S)
    judged.reloads = [True]
    assert await judged.judge() == ("refused", False)
    assert judged.replaced == [judged.credential]
    judged.current = credential(LATER_S, "ben")
    assert await judged.judge() == ("refused", False), "it is in use already"
    assert judged.replaced == [judged.credential]


async def test_a_store_that_cannot_be_read_has_no_other_credential() -> None:
    judged = Judged(LATER_S, False)
    judged.reloads = [CredentialError("no file")]  # type: ignore[arg-type]
    assert await judged.judge() == ("for now", False)
    assert judged.replaced == []


async def test_refusals_at_the_same_time_are_judged_one_after_the_other() -> None:
    judged = Judged(LATER_S, False)
    verdicts = await asyncio.gather(judged.judge(), judged.judge())
    assert verdicts == [("for now", False)] * 2
