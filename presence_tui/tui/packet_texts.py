"""Texts about packets: times, verdicts, and the page of one packet."""

from presence_tui.domain.enums import Verdict
from presence_tui.service.packets import Packet, PacketIndex
from presence_tui.text.local_time import SECONDS, local_time
from presence_tui.text.wording import Wording
from presence_tui.tui.widgets.labelled_lines import Labelled
from presence_tui.wire.packet_reading import fields_of, indented

_LABEL_CELLS = 16


def time_of(packet: Packet) -> str:
    """Local time with milliseconds."""
    text = local_time(packet.at_s, SECONDS)
    # A time that occurs twice ends in its offset.
    return f"{text[:8]}.{int(packet.at_s * 1000) % 1000:03}{text[8:]}"


def packet_page(seq: int, index: PacketIndex, wording: Wording) -> Labelled:
    """The page of a packet."""
    say = wording.language.say
    packet = index.packet(seq)
    if packet is None:
        return Labelled([("", say("This packet is no longer kept."))], _LABEL_CELLS)
    record = packet.participant
    who = packet.key if record is None else f"{record.shown_name} · {record.key}"
    when = say("{time}, epoch {epoch}, number {n}", time=time_of(packet), epoch=packet.epoch, n=packet.seq)
    rows = [
        (say("Sent") if packet.verdict is Verdict.SENT else say("Received"), when),
        (say("Event"), packet.event or "—"),
        (say("Bytes"), wording.language.number(packet.size)),
        (say("Participant"), who or people_text(packet, wording) or "—"),
        (say("Verdict"), wording.language.labelled(packet.verdict, verdict_meaning(packet.verdict, wording))),
        *_changes(packet, index, wording),
    ]
    if record is not None:
        rows.append((say("Now"), wording.why(record)))
    if fields := fields_of(packet.text):
        rows += [("", ""), *fields]
    rows += [("", ""), *[("", line) for line in indented(packet.text)]]
    return Labelled(rows, _LABEL_CELLS)


def people_text(packet: Packet, wording: Wording) -> str:
    """How many participants a packet lists; empty if it is not about many."""
    people, is_whole = packet.listed
    if not people:
        return ""
    if not is_whole:
        return wording.language.say("more than {n:,} participants", n=people)
    return wording.language.count("{n:,} participant", "{n:,} participants", people)


def _changes(packet: Packet, index: PacketIndex, wording: Wording) -> list[tuple[str, str]]:
    """What it told that the packet before it, about the same participant, did not."""
    say = wording.language.say
    label = say("Changed")
    if packet.verdict is not Verdict.APPLIED or not packet.key:
        return []
    earlier = index.earlier_about(packet)
    if earlier is None:
        return [(label, say("no earlier {event} about them is kept", event=packet.event))]
    before = dict(fields_of(earlier.text))
    changed = [
        f"{name}: {before.get(name, '—')} → {value}"
        for name, value in fields_of(packet.text)
        if before.get(name) != value
    ]
    since = say("since {time}, number {n}", time=time_of(earlier), n=earlier.seq)
    first, *others = changed or [say("nothing")]
    return [(label, f"{first} ({since})"), *[("", other) for other in others]]


def verdict_meaning(verdict: Verdict, wording: Wording) -> str:
    """What a verdict means, in a sentence without its end."""
    say = wording.language.say
    match verdict:
        case Verdict.APPLIED:
            return say("it changed or confirmed what is known")
        case Verdict.DUPLICATE:
            return say("a copy of an event that was applied")
        case Verdict.LATE:
            return say("it was sent before something that is known already")
        case Verdict.MALFORMED:
            return say("against the contract; nothing was applied")
        case Verdict.UNKNOWN:
            return say("an event that this program does not use")
        case Verdict.REFUSED:
            return say("about a participant for whom there is no room (max_roster)")
        case Verdict.STALE:
            return say("from a connection that was over; nothing was applied")
        case Verdict.CONTROL:
            return say("part of the protocol, no event")
        case Verdict.SENT:
            return say("from us to the gateway")
