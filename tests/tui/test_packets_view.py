"""The packets view: what went over the wire, and what became of it."""

import json

import pytest

from presence_tui.domain.enums import Outcome, Panel, Verdict
from presence_tui.domain.limits import Bounds
from presence_tui.monitor.packet_log import AnyVerdict
from presence_tui.store import PresenceStore
from presence_tui.tui.glyphs import ASCII, UNICODE
from presence_tui.tui.views.packets import PacketsView
from presence_tui.tui.widgets.mode_line import FilterBar
from presence_tui.tui.widgets.packet_table import PacketTable
from tests.tui.app_harness import SMALLEST, USUAL, WIDE, AppHarness, every_size, key_of, running_app, until
from tests.tui.test_exports import Clipboard
from tests.unit.clock import FakeClock

ADA = key_of("Ada Okafor")


def status(name: str, flag: bool = True, **more: object) -> str:
    payload = {"userId": key_of(name), "isOnline": flag, **more}
    return f'42["user:status",{json.dumps(payload, ensure_ascii=False)}]'


def record(
    harness: AppHarness, packet: str | bytes, verdict: AnyVerdict = Outcome.APPLIED, epoch: int = 4
) -> None:
    harness.monitor.packets.add(harness.clock.wall_s, epoch, packet, verdict)


def table(harness: AppHarness) -> PacketTable:
    return harness.screen.query_one(PacketTable)


def shown(harness: AppHarness) -> list[str]:
    lines = [" ".join(line.text.strip("│| ▁▂▃▄▅▆▇█#").split()) for line in harness.lines_of(table(harness))]
    return [line for line in lines if line and not line.startswith(("╰", "+"))]


def selected(harness: AppHarness) -> str:
    packet = table(harness).selected_packet
    return packet.text if packet is not None else ""


async def test_a_line_says_when_what_about_whom_and_what_became_of_it() -> None:
    async with running_app(WIDE) as harness:
        record(harness, '40{"token":"secret-of-the-account"}', Verdict.SENT, epoch=3)
        harness.clock.advance(1.25)
        record(harness, status("Ada Okafor", note=None))
        record(harness, status("Ada Okafor"), Outcome.DUPLICATE)
        record(harness, '42["moon:rises",{"at":"night"}]', Outcome.UNKNOWN)
        record(harness, "4nonsense", Outcome.MALFORMED)
        record(harness, b"123", Verdict.CONTROL)
        await harness.press("5")
        assert [line.split(" ", 1)[1] for line in shown(harness)] == [
            "#3 out connect 35 › sent token=[masked]",
            "#4 in user:status 75 Ada Okafor ✓ applied isOnline=true note=null",
            "#4 in user:status 61 Ada Okafor = duplicate isOnline=true",
            "#4 in moon:rises 31 ? unknown at=night",
            "#4 in — 9 ✗ malformed no packet",
            "#4 in attachment 3 · control",
        ]
        assert shown(harness)[1].split()[0].endswith("1.250")
        assert harness.lines()[0].text.startswith(" Packets · 6 packets")
        assert "secret" not in harness.text


async def test_every_verdict_has_a_mark_a_word_and_a_colour() -> None:
    async with running_app(WIDE) as harness:
        for verdict in Verdict:
            record(harness, status("Ada Okafor"), verdict)
        await harness.press("e", "home")
        colours = {}
        for verdict in Verdict:
            line = harness.line_with(f"{UNICODE.verdicts[verdict]} {verdict} ")
            colours[verdict] = line.style_of(f"{verdict} ").color
        assert colours[Verdict.APPLIED] != colours[Verdict.LATE] != colours[Verdict.MALFORMED]
        assert colours[Verdict.MALFORMED] == colours[Verdict.REFUSED] != colours[Verdict.APPLIED]


async def test_the_cursor_follows_the_newest_until_it_is_moved_away() -> None:
    async with running_app(WIDE) as harness:
        for number in range(40):
            record(harness, status("Ada Okafor", n=number))
        await harness.press("5")
        assert '"n": 39' in selected(harness) and "n=39" in shown(harness)[-1]
        record(harness, status("Bo Chen", n=40))
        await harness.settle()
        assert '"n": 40' in selected(harness) and "follows the newest" in harness.text
        await harness.press("k", "k")
        record(harness, status("Bo Chen", n=41))
        await harness.settle()
        assert '"n": 38' in selected(harness) and "follows the newest" not in harness.text
        await harness.press("G")
        record(harness, status("Bo Chen", n=42))
        await harness.settle()
        assert '"n": 42' in selected(harness)


async def test_a_burst_is_followed_to_its_end() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("5")
        for burst in (3, 500, 2_000):
            packets = [status("Ada Okafor", n=f"{burst}-{number}") for number in range(burst)]
            harness.monitor.packets.add_statuses(harness.clock.wall_s, 4, packets, [Outcome.APPLIED] * burst)
            await harness.wait(1)
            assert f"n={burst}-{burst - 1}" in shown(harness)[-1]


async def test_scrolling_away_ends_following_until_the_end_is_reached_again() -> None:
    async with running_app(WIDE) as harness:
        for number in range(100):
            record(harness, status("Ada Okafor", n=number))
        await harness.press("5")
        table(harness).scroll_to(y=0, animate=False, immediate=True)
        await harness.settle()
        record(harness, status("Ada Okafor", n=100))
        await harness.wait(1)
        assert "n=0" in shown(harness)[0] and "follows the newest" not in harness.text
        await harness.press("G")
        assert "n=100" in shown(harness)[-1]


async def test_the_first_row_says_how_many_are_no_longer_kept() -> None:
    store = PresenceStore(clock=FakeClock(), bounds=Bounds(packets=30))
    async with running_app(WIDE, store=store) as harness:
        await harness.press("5")
        assert shown(harness) == ["No packet has arrived yet."]
        for number in range(30):
            record(harness, status("Ada Okafor", n=number))
        await harness.press("home", "j", "j")
        assert '"n": 2' in selected(harness)
        for number in range(30, 32):
            record(harness, status("Ada Okafor", n=number))
        await harness.settle()
        assert '"n": 2' in selected(harness), "the cursor stays on its packet"
        record(harness, status("Ada Okafor", n=32))
        await harness.press("home")
        assert shown(harness)[0] == "3 older packets are no longer kept (max_packets, max_packets_mib)"
        assert "n=3" in shown(harness)[1] and selected(harness) == ""
        await harness.press("enter", "asterisk", "o", "y")
        assert "Received" not in harness.text


async def test_the_filter_takes_expressions_and_says_what_is_wrong_in_its_place() -> None:
    async with running_app(WIDE) as harness:
        record(harness, status("Ada Okafor"))
        record(harness, status("Bo Chen"), Outcome.LATE)
        record(harness, '42["conversation:join",{}]', Verdict.SENT)
        await harness.press("5", "slash")
        assert "~e event ~p person" in harness.text
        await harness.press(*"~p ada | ~d out")
        assert len(shown(harness)) == 2 and "2 of 3 shown" in harness.text
        await harness.press(*" ~v lat")
        assert "at 20: not one of applied" in harness.text
        assert len(shown(harness)) == 2, "the last good expression goes on"
        await harness.press("e")
        assert len(shown(harness)) == 1 and "at 20" not in harness.text
        await harness.press("enter", "escape")
        assert len(shown(harness)) == 3
        await harness.press("slash", *"~v refused")
        assert shown(harness) == ["None matches. esc shows all of them."]


async def test_a_long_log_is_searched_in_steps_to_its_end() -> None:
    async with running_app(WIDE) as harness:
        harness.monitor.packets.add_statuses(0.0, 4, [status("Bo Chen")] * 20_000, [Outcome.APPLIED] * 20_000)
        record(harness, status("Ada Okafor"))
        await harness.press("5", "slash", *"~p ada")
        await until(harness, lambda: len(shown(harness)) == 1)
        assert "Packets (20,001) · 1 shown" in harness.text


async def test_enter_shows_fields_what_changed_and_the_text() -> None:
    async with running_app(WIDE) as harness:
        record(harness, status("Ada Okafor", flag=False, username="Ada"))
        record(harness, status("Bo Chen"))
        record(harness, status("Ada Okafor", username="Ada\x1b[31m\u202e"))
        await harness.press("5", "enter")
        said = harness.said
        assert "Received" in said and "epoch 4, number 2" in said
        assert "applied: it changed or confirmed what is known" in said
        assert "isOnline: false → true (since" in said and "number 0)" in said
        assert "Ada Okafor is online" in said
        assert '"user:status",' in said and f'"userId": "{ADA}"' in said
        assert "\x1b" not in harness.text and "\u202e" not in harness.text
        await harness.press("escape", "k", "enter")
        assert "no earlier user:status about them is kept" in harness.said


async def test_a_packet_that_is_dropped_while_it_is_shown_says_so() -> None:
    store = PresenceStore(clock=FakeClock(), bounds=Bounds(packets=2))
    async with running_app(WIDE, store=store) as harness:
        record(harness, status("Ada Okafor"))
        await harness.press("5", "enter")
        for _ in range(3):
            record(harness, status("Bo Chen"))
        await harness.wait(1)
        assert "This packet is no longer kept." in harness.said


@pytest.mark.parametrize(
    "packet", ['42["x",' + "[" * 900 + "]" * 900 + "]", '42["x","' + "y" * 300_000 + '"]', "4\x9b\x00"]
)
async def test_hostile_packets_are_shown(packet: str) -> None:
    async with running_app(USUAL) as harness:
        record(harness, packet, Outcome.MALFORMED)
        await harness.press("5", "enter", "end", "escape", "y")
        assert len(shown(harness)) == 1


async def test_o_goes_to_the_participant_and_back() -> None:
    async with running_app(WIDE) as harness:
        record(harness, status("Bo Chen"))
        record(harness, status("Ada Okafor"))
        record(harness, "2", Verdict.CONTROL)
        await harness.press("5", "k", "k", "o")
        assert harness.selected == "Bo Chen" and harness.lines()[0].text.startswith(" Harbour crew")
        record(harness, status("Ada Okafor"))
        await harness.press("o")
        assert key_of("Bo Chen") in selected(harness)
        await harness.press("G", "k", "o")
        assert harness.toasts[-1] == "This packet is about no participant."


@pytest.mark.parametrize(
    ("packet", "sentence"),
    [
        (
            '42["presence:snapshot",{"users":[{"userId":"u-1","isOnline":true},{"userId":"u-2"}]}]',
            "This packet is about 2 participants; enter shows it.",
        ),
        (
            '42["presence:snapshot",{"users":[' + ",".join(['{"userId":"u-1"}'] * 10_000) + "]}]",
            "This packet is about 10,000 participants; enter shows it.",
        ),
        (
            '42["presence:snapshot",{"users":[' + ",".join(['{"userId":"u-1"}'] * 100_000) + "]}]",
            "This packet is about more than 15,418 participants; enter shows it.",
        ),
        ('42["presence:snapshot",{"users":7}]', "This packet is about no participant."),
        (
            '42["user:status",{"userId":"u-nobody","isOnline":true}]',
            "This packet is about somebody who is not known.",
        ),
    ],
)
async def test_a_packet_that_leads_to_nobody_says_whom_it_is_about(packet: str, sentence: str) -> None:
    async with running_app(WIDE) as harness:
        record(harness, packet)
        await harness.press("5", "o")
        assert harness.toasts[-1] == sentence
        await harness.press("enter")
        listed = sentence.removeprefix("This packet is about ").removesuffix("; enter shows it.")
        assert (f"Participant {listed}" in harness.said) is ("participants" in sentence)


async def test_shift_e_shows_only_the_packets_about_one_participant() -> None:
    async with running_app(WIDE) as harness:
        for name in ("Ada Okafor", "Bo Chen", "Ada Okafor"):
            record(harness, status(name))
        await harness.press("home", "E")
        assert len(shown(harness)) == 2
        assert f"~p ={ADA}" in harness.text and harness.screen.query_one(FilterBar).is_open
        await harness.press("escape")
        assert len(shown(harness)) == 3


@every_size
async def test_shift_e_finds_the_snapshot_that_a_participant_is_known_by(size: tuple[int, int]) -> None:
    async with running_app(size) as harness:
        record(harness, f'42["presence:snapshot",{{"users":[{{"userId":"u-1"}},{{"userId":"{ADA}"}}]}}]')
        record(harness, status("Bo Chen"))
        await harness.press("home", "E")
        assert len(shown(harness)) == 1 and "presence:snap" in shown(harness)[0]


async def test_a_list_that_was_kept_in_part_says_perhaps() -> None:
    async with running_app(WIDE) as harness:
        record(harness, '42["presence:snapshot",{"users":[' + '{"userId":"u-1"},' * 20_000 + "{}]}]")
        await harness.press("home", "E")
        assert shown(harness) == ["None matches. esc shows all of them."]
        assert "Packets (1) · 0 shown · perhaps 1 more, kept in part" in harness.text


async def test_marks_stay_with_their_packet_and_can_be_filtered() -> None:
    async with running_app(WIDE) as harness:
        record(harness, status("Ada Okafor"))
        record(harness, status("Bo Chen"))
        await harness.press("5", "k", "asterisk")
        assert shown(harness)[0].startswith("■")
        record(harness, status("Chloé Bérenger"))
        await harness.press("slash", *"~m", "enter")
        assert len(shown(harness)) == 1 and "Ada" in shown(harness)[0]
        await harness.press("asterisk")
        assert shown(harness) == ["None matches. esc shows all of them."]


async def test_a_pause_keeps_what_is_shown_even_when_it_is_dropped() -> None:
    store = PresenceStore(clock=FakeClock(), bounds=Bounds(packets=2))
    async with running_app(WIDE, store=store) as harness:
        record(harness, status("Ada Okafor"))
        await harness.press("5", "space")
        for _ in range(5):
            record(harness, status("Bo Chen"))
        await harness.settle()
        assert len(shown(harness)) == 1 and "Ada" in shown(harness)[0]
        await harness.press("enter")
        assert "Ada Okafor" in harness.said and "no longer kept" not in harness.said
        await harness.press("escape", "space")
        assert len(shown(harness)) == 3 and "4 older packets" in shown(harness)[0]


async def test_y_copies_the_row_and_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)
    async with running_app(WIDE) as harness:
        clipboard = Clipboard(harness, monkeypatch)
        record(harness, status("Ada Okafor", username="Ada\x1b[31m"))
        await harness.press("5", "y")
        (text,) = clipboard.texts
        row, raw = text.splitlines()
        assert " · #4 · in · user:status · " in row and row.endswith("username=Ada␛[31m")
        assert raw.startswith('42["user:status",') and "\x1b" not in raw


@every_size
async def test_it_fits_every_size_in_both_languages_and_in_ascii(size: tuple[int, int]) -> None:
    for language, glyphs in (("en", UNICODE), ("fr", ASCII)):
        async with running_app(size, language=language, glyphs=glyphs) as harness:
            for number in range(3):
                record(harness, status("Ada Okafor", n=number))
            await harness.press("5")
            assert len(shown(harness)) == 3
            assert all("applied" in line for line in shown(harness))
            tabs = harness.lines()[1].text
            assert [str(place) for place in range(1, 6)] == [word for word in tabs.split() if word.isdigit()]


async def test_the_view_follows_nothing_while_it_is_hidden() -> None:
    async with running_app(SMALLEST) as harness:
        await harness.press("5", "1")
        view = harness.screen.query_one("#packets-view", PacketsView)
        assert not harness.monitor.packets._listeners
        record(harness, status("Ada Okafor"))
        await harness.press("5")
        assert view.index.count() == 1 and len(harness.monitor.packets._listeners) == 1
        assert harness.panel(Panel.ONLINE) is not None
