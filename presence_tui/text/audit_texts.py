"""Words and sentences about findings of the audit."""

from presence_tui.audit.findings import AuditReport, FindingKind, Runtime
from presence_tui.text.language import Language


def finding_word(kind: FindingKind, language: Language) -> str:
    """Name of a finding for people; programs read the kind itself."""
    say = language.say
    match kind:
        case FindingKind.GHOST_ONLINE:
            return say("ghost online")
        case FindingKind.GHOST_OFFLINE:
            return say("ghost offline")
        case FindingKind.STALE_ACTIVITY:
            return say("stale activity")
        case FindingKind.UNKNOWN_MEMBER:
            return say("unknown member")
        case FindingKind.MISSING_MEMBER:
            return say("missing member")
        case FindingKind.INCOHERENT:
            return say("incoherent")
        case FindingKind.CONTRADICTING_ANSWERS:
            return say("contradicting answers")
        case FindingKind.NOT_CONFIRMED:
            return say("not confirmed")
        case FindingKind.DEAF_FEED:
            return say("deaf feed")
        case FindingKind.DEPARTURES_UNANNOUNCED:
            return say("departures unannounced")
        case FindingKind.HIDDEN_OR_OFFLINE:
            return say("hidden or offline")


def runtime_word(runtime: Runtime | None, language: Language) -> str:
    """What the runtime said, in a word; a dash for nothing."""
    say = language.say
    match runtime:
        case Runtime.ONLINE:
            return say("online")
        case Runtime.OFFLINE:
            return say("offline")
        case Runtime.OMITTED:
            return say("omitted")
        case Runtime.CONTRADICTING:
            return say("contradicting")
        case None:
            return "—"


def flag_word(flag: bool | None, language: Language) -> str:
    """What the socket told, in a word; a dash for nothing."""
    if flag is None:
        return "—"
    return language.say("online") if flag else language.say("offline")


def remarks(report: AuditReport, language: Language) -> list[str]:
    """Why a pass compared nothing, or could not check somebody, if so."""
    say = language.say
    if report.was_interrupted:
        return [say("The link was not live all the time, so nothing was compared.")]
    if report.has_no_runtime:
        return [say("This gateway does not tell this account who has a socket: nothing can be compared.")]
    if report.is_distrusted:
        return [
            say(
                "The gateway has just started and reports nobody online; that is not trusted before it has "
                "run for two minutes."
            )
        ]
    found = []
    if report.is_by_list:
        found.append(
            say(
                "There is no runtime presence to ask for, so the list of participants was compared: flags "
                "that the gateway has stored."
            )
        )
    if report.untold_guests:
        found.append(
            language.count(
                "{n} guest could not be checked: this gateway does not note when guests leave.",
                "{n} guests could not be checked: this gateway does not note when guests leave.",
                report.untold_guests,
            )
        )
    if report.untold_accounts:
        found.append(
            language.count(
                "{n} account could not be checked: the list does not tell whether accounts are here.",
                "{n} accounts could not be checked: the list does not tell whether accounts are here.",
                report.untold_accounts,
            )
        )
    return found


def summary(report: AuditReport, language: Language) -> str:
    """One line about a pass."""
    return language.say(
        "{checked} of {participants} others checked, {findings}, {requests} requests, {seconds:.1f} s",
        checked=report.checked,
        participants=report.participants,
        findings=language.count("{n} finding", "{n} findings", len(report.findings)),
        requests=report.requests,
        seconds=report.seconds,
    )
