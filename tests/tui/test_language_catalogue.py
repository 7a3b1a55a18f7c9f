"""The French catalogue is complete, and its texts fit on the screen."""

import ast
import gettext
import io
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_keywords
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from rich.cells import cell_len

from presence_tui.domain.enums import State
from presence_tui.domain.rules import RULES
from presence_tui.domain.translatable import phrase
from presence_tui.store import PresenceStore
from presence_tui.text.language import Language, language_code
from presence_tui.text.wording import Wording
from presence_tui.tui.commands import commands
from presence_tui.tui.glyphs import UNICODE
from presence_tui.tui.screens.dialog_texts import link_text
from presence_tui.tui.screens.help_dialog import help_text
from presence_tui.tui.screens.participant_page import participant_text
from presence_tui.tui.widgets.labelled_lines import Labelled
from tests.tui.app_harness import UNKNOWN_NAME, fill_with_crew, key_of, running_app, staged_service
from tests.tui.fake_monitor import FakeMonitor
from tests.unit.clock import FakeClock

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "presence_tui"
PO = PACKAGE / "text/locale/fr/LC_MESSAGES/presence_tui.po"
MO = PO.with_suffix(".mo")

KEYWORDS = ("say", "_say", "count:1,2", "phrase", "marked", "marked_both:1,2")
EXTRACT = (
    f"pybabel extract --no-default-keywords {' '.join(f'-k {keyword}' for keyword in KEYWORDS)}"
    " --add-location=file --no-wrap -o /tmp/presence_tui.pot presence_tui"
)
UPDATE = (
    "pybabel update -D presence_tui -l fr -d presence_tui/text/locale -i /tmp/presence_tui.pot"
    " --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap"
)
COMPILE = "pybabel compile -D presence_tui -l fr -d presence_tui/text/locale"
COMMANDS = (EXTRACT, UPDATE, COMPILE)
HOW = f"""
From the root of the repository:
  {EXTRACT}
  {UPDATE}
then translate what is new in {PO.relative_to(ROOT)}, and
  {COMPILE}
"""

DAY_S = 86_400
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
LONGEST_ROLE_CELLS = 8
SAME_IN_BOTH = {
    "DNS",
    "Audit",
    "audit {done}/{total}",
    "score",
    "score {score:.1f}",
    "audit…",
    "cause",
    "socket {word}",
    "Options",
    "REST",
    "TCP",
    "TLS",
    "socket",
    "webhook",
    "Code",
    "Contacts",
    "Conversations",
    "Conversations ({n})",
    "Participant",
    "Participants",
    "Verdict",
    "Pause",
    "Transport",
    "Type",
    "admin",
    "cache",
    "{n} conversation",
    "{n} conversations",
    "{status} {said}",
}
"""Texts that are the same in English and French; any other identical text is untranslated."""
PARTICIPANTS = {f"{number} participant{end}" for number in ("{n}", "{n:,}") for end in ("", "s")}
ONE_OF_EACH = {
    State.ONLINE: ("Ada Okafor", "en ligne"),
    State.AWAY: ("Fatima Zahra", "absent"),
    State.IDLE: ("Hana Sato", "inactif"),
    State.OFFLINE: ("Ingrid Solberg", "hors ligne"),
    State.UNKNOWN: (UNKNOWN_NAME, "inconnu"),
}

Template = str | tuple[str, ...]


def forms(texts: Template | list[str] | None) -> tuple[str, ...]:
    """The single form, or singular and plural."""
    return (texts,) if isinstance(texts, str) else tuple(texts or ())


def texts_of(translations: gettext.GNUTranslations) -> set[object]:
    """Every text it translates; the standard library has no public name for them."""
    return set(vars(translations)["_catalog"])


def gaps(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def templates_in_source() -> set[Template]:
    found = extract_from_dir(PACKAGE, [("**.py", "python")], keywords=parse_keywords(KEYWORDS))
    return {template for _, _, template, _, _ in found}


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="fr", abort_invalid=True)


def entries(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def pairs(catalogue: Catalog) -> Iterator[tuple[str, str]]:
    """Each English form with its French one."""
    for message in entries(catalogue):
        yield from zip(forms(message.id), forms(message.string), strict=True)


@pytest.fixture
def french() -> Language:
    return Language("fr")


def test_every_template_of_the_source_is_in_the_catalogue_and_no_other(catalogue: Catalog) -> None:
    in_source, in_catalogue = templates_in_source(), {message.id for message in entries(catalogue)}
    assert len(in_source) > 100, "the extractor found too few templates"
    assert in_source - in_catalogue == set(), f"not in the catalogue.{HOW}"
    assert in_catalogue - in_source == set(), f"in the catalogue, but not in the source any more.{HOW}"
    assert list(catalogue.obsolete) == [], f"obsolete.{HOW}"


def test_no_template_stands_inside_an_f_string() -> None:
    """The extractor finds those on Python 3.12 and later only."""
    names = {keyword.partition(":")[0] for keyword in KEYWORDS}
    inside = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sorted((ROOT / "presence_tui").rglob("*.py"))
        for text in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call)
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and getattr(call.func, "attr", getattr(call.func, "id", "")) in names
    ]
    assert inside == []


def test_every_template_is_translated(catalogue: Catalog) -> None:
    empty = [english for english, french in pairs(catalogue) if not french.strip()]
    assert empty == [], f"not translated.{HOW}"
    assert [message.id for message in entries(catalogue) if message.fuzzy] == [], f"fuzzy.{HOW}"


def test_nothing_was_left_in_english(catalogue: Catalog) -> None:
    # Templates of units and figures, such as ``{n} min``, differ in their no-break spaces.
    same = {english for english, french in pairs(catalogue) if english == french}
    assert same <= SAME_IN_BOTH | PARTICIPANTS


def test_both_sides_have_the_same_gaps(catalogue: Catalog) -> None:
    different = [(english, french) for english, french in pairs(catalogue) if gaps(english) != gaps(french)]
    assert different == []


def test_every_translation_can_be_filled_in(catalogue: Catalog) -> None:
    for english, french in pairs(catalogue):
        french.format(**dict.fromkeys(gaps(english), 1))


def test_what_is_indented_in_english_is_indented_in_french(catalogue: Catalog) -> None:
    def indent(text: str) -> int:
        return len(text) - len(text.lstrip(" "))

    assert [
        pair for pair in pairs(catalogue) if pair[0].startswith(" ") and len(set(map(indent, pair))) > 1
    ] == []


def test_two_part_signs_and_units_do_not_leave_their_word(catalogue: Catalog) -> None:
    torn = re.compile(r" [:;?!]|n° \{|\} (s|min|h|j|mois|ans?|Mio)\b")
    assert [french for _, french in pairs(catalogue) if torn.search(french)] == []
    assert cell_len(NO_BREAK_SPACE) == 1


def test_the_compiled_catalogue_is_that_of_the_text(catalogue: Catalog) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    committed = gettext.GNUTranslations(io.BytesIO(MO.read_bytes()))
    wanted = gettext.GNUTranslations(compiled)
    for message in entries(catalogue):
        for english in forms(message.id):
            same = committed.gettext(english) == wanted.gettext(english)
            assert same, f"{english!r} differs; compile and commit: {COMPILE}"
    for one, several in (forms(message.id) for message in entries(catalogue) if message.pluralizable):
        for number in range(4):
            assert committed.ngettext(one, several, number) == wanted.ngettext(one, several, number), COMPILE
    # The rest of the header contains the version of babel.
    assert committed.info()["plural-forms"] == wanted.info()["plural-forms"]
    assert texts_of(committed) == texts_of(wanted), f"compile and commit: {COMPILE}"


def test_the_catalogue_tells_how_to_update_it(catalogue: Catalog) -> None:
    lines = [line.removeprefix("# ") for line in catalogue.header_comment.splitlines()]
    assert [line for line in lines if line.startswith("pybabel")] == list(COMMANDS)


@pytest.mark.parametrize("state", State)
async def test_the_word_of_a_state_fits_its_column(state: State) -> None:
    name, word = ONE_OF_EACH[state]
    async with running_app(language="fr") as harness:
        assert f" {word} " in harness.row_of(name).text


@pytest.mark.parametrize("role", ["creator", "admin", "moderator"])
def test_the_word_of_a_role_is_short(role: str, french: Language) -> None:
    word = Wording(french, PresenceStore(clock=FakeClock())).role(role)
    assert word != role or role == "admin"
    assert cell_len(word) <= LONGEST_ROLE_CELLS


@pytest.mark.parametrize(
    ("english", "word"), [("member", "membre"), ("guest", "invité"), ("you", "vous"), ("mod", "modo")]
)
def test_the_words_beside_a_name_are_short(english: str, word: str, french: Language) -> None:
    assert french.say(english) == word
    assert cell_len(word) <= LONGEST_ROLE_CELLS


def labels_that_are_cut(labelled: Labelled) -> list[str]:
    assert labelled.rows
    return [label for label, _ in labelled.rows if cell_len(label) > labelled.label_cells]


async def test_the_labels_of_the_dialogs_fit(french: Language) -> None:
    store = PresenceStore(clock=FakeClock())
    fill_with_crew(store)
    wording = Wording(french, store)
    ada = store.get_user_by_id(key_of("Ada Okafor"))
    assert ada is not None
    assert labels_that_are_cut(help_text(commands(french), wording, UNICODE)) == []
    monitor = FakeMonitor(store)
    async with staged_service(store, monitor) as service:
        await monitor.running.wait()
        page = participant_text(ada, service, wording, RULES.values(), None, [("", "")])
        assert labels_that_are_cut(page) == []
        assert labels_that_are_cut(link_text(service, wording)) == []


@pytest.mark.parametrize(
    ("one", "several", "said"),
    [
        (
            "{n} participant",
            "{n} participants",
            {0: "0 participant", 1: "1 participant", 2: "2 participants"},
        ),
        ("+{n} more", "+{n} more", {0: "+0 autre", 1: "+1 autre", 2: "+2 autres"}),
        ("{n} corrected", "{n} corrected", {0: "0 corrigé", 1: "1 corrigé", 2: "2 corrigés"}),
        (
            "{n} participant read",
            "{n} participants read",
            {0: "0 participant chargé", 1: "1 participant chargé", 2: "2 participants chargés"},
        ),
    ],
)
def test_nought_and_one_are_singular(one: str, several: str, said: dict[int, str], french: Language) -> None:
    assert {number: french.count(one, several, number) for number in said} == said


@pytest.mark.parametrize(
    ("template", "fillings", "said"),
    [
        ("Online ({n})", {"n": 8}, "En ligne (8)"),
        ("Offline ({n})", {"n": 16}, "Hors ligne (16)"),
        ("LIVE", {}, "EN DIRECT"),
        ("CONNECTING", {}, "CONNEXION"),
        ("STALE {age}", {"age": "38 s"}, "PÉRIMÉ 38 s"),
        ("OFFLINE", {}, "DÉCONNECTÉ"),
        ("SIGNED OUT", {}, "SESSION CLOSE"),
        (
            "RECONNECTING {attempt} · next in {wait}",
            {"attempt": 3, "wait": "4 s"},
            "RECONNEXION 3 · prochaine dans 4 s",
        ),
        ("", {}, ""),
    ],
)
def test_french_is_spoken(template: str, fillings: dict[str, object], said: str, french: Language) -> None:
    assert french.say(template, **fillings) == said


def test_a_phrase_within_a_phrase_is_french_as_well(french: Language) -> None:
    lost = phrase("The connection was lost: {why}.", why=phrase("the gateway dropped the connection"))
    assert french.phrase(lost) == (
        f"La connexion a été perdue{NO_BREAK_SPACE}: la passerelle a coupé sans prévenir."
    )


@pytest.mark.parametrize(
    ("seconds", "english", "said"),
    [
        (-1, "0 s", "0 s"),
        (12, "12 s", "12 s"),
        (59.9, "59 s", "59 s"),
        (180, "3 min", "3 min"),
        (7_200, "2 h", "2 h"),
        (4 * DAY_S, "4 d", "4 j"),
        (100 * DAY_S - 1, "99 d", "99 j"),
        (100 * DAY_S, "3 mo", "3 mois"),
        (365 * DAY_S, "11 mo", "11 mois"),
        (366 * DAY_S, "1 y", "1 an"),
        (895 * DAY_S, "2 y", "2 ans"),
        (56 * 366 * DAY_S, "56 y", "56 ans"),
    ],
)
def test_spans_are_in_their_largest_whole_unit(seconds: float, english: str, said: str) -> None:
    assert Language("en").span(seconds) == english
    assert Language("fr").span(seconds) == said.replace(" ", NO_BREAK_SPACE)


@pytest.mark.parametrize("code", ["de", "", "fr_FR", "xx", "../fr"])
def test_a_language_not_known_is_english(code: str) -> None:
    language = Language(code)
    assert language.code == "en"
    assert language.say("Online ({n})", n=8) == "Online (8)"
    assert language.count("{n} participant", "{n} participants", 0) == "0 participants"


def test_the_locale_of_a_french_terminal_speaks_french() -> None:
    assert Language(language_code(None, {"LANG": "fr_CH.UTF-8"})).say("Quit") == "Quitter"
    assert Language(language_code(None, {"LANG": "de_CH.UTF-8"})).say("Quit") == "Quit"


def test_no_translation_has_a_token() -> None:
    assert "eyJ" not in PO.read_text()
