"""Rules made on the screen, and their storage."""

import asyncio
import json
from pathlib import Path

import pytest

from presence_tui.alerts.rules import COOLDOWN_S, AlertRule, Channel, Trigger
from presence_tui.alerts.user_rules import MAX_RULES, UserRule, UserRules, UserRulesContent, user_rule
from presence_tui.storage.state_files import StateFile

WAYS = frozenset({Channel.BELL})


def rules_in(path: Path | None) -> UserRules:
    file = None if path is None else StateFile(path, UserRulesContent)
    return UserRules(file, "https://gate.example", WAYS, COOLDOWN_S)


async def put(rules: UserRules, rule: UserRule) -> None:
    rules.add(rule)
    assert await rules.save(rule.slot) is None


async def test_what_is_put_is_there_again_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    rules = rules_in(path)
    await put(rules, user_rule(Trigger.COMES, "u-ada", "Ada"))
    await put(rules, user_rule(Trigger.RETURNS, "u-ada", "Ada", 60.0))
    await put(rules, user_rule(Trigger.RETURNS, "u-ada", "Ada Okafor", 120.0))
    again = rules_in(path)
    assert await again.load() is None
    assert (
        again.all
        == rules.all
        == [
            UserRule(Trigger.COMES, "u-ada", "Ada"),
            UserRule(Trigger.RETURNS, "u-ada", "Ada Okafor", 120.0),
        ]
    )
    assert again.as_alert_rules(again.about("u-ada"))[1] == AlertRule(
        Trigger.RETURNS, ("u-ada",), after_s=120.0, channels=WAYS, name="Ada Okafor"
    )
    rules.remove(rules.all[0])
    assert await rules.save((Trigger.COMES, "u-ada")) is None
    assert [each["kind"] for each in json.loads(path.read_text())["rules"]] == ["returns"]


async def test_two_programs_keep_what_each_has_made(tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    one, other = rules_in(path), rules_in(path)
    await asyncio.gather(
        put(one, user_rule(Trigger.COMES, "u-ada", "Ada")), put(other, user_rule(Trigger.COMES, "u-bo", "Bo"))
    )
    third = rules_in(path)
    await third.load()
    assert {rule.key for rule in third.all} == {"u-ada", "u-bo"}


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "comes", "key": ""},
        {"kind": "comes", "key": "u\u001b1"},
        {"kind": "comes", "key": "u1", "name": "a\nb"},
        {"kind": "returns", "key": "u1", "after_s": -1},
        {"kind": "comes", "key": "u1", "after_s": 5},
    ],
)
async def test_what_cannot_be_meant_in_a_file_is_left_out(tmp_path: Path, rule: dict[str, object]) -> None:
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"rules": [rule, {"kind": "comes", "key": "u-bo"}]}))
    rules = rules_in(path)
    assert await rules.load() is None
    assert [each.key for each in rules.all] == ["u-bo"]


async def test_a_file_without_end_is_read_up_to_a_bound(tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"rules": [{"kind": "comes", "key": f"u{n}"} for n in range(MAX_RULES + 10)]}))
    rules = rules_in(path)
    await rules.load()
    assert len(rules.all) == MAX_RULES
    assert rules.all[0].key == "u10"


async def test_without_a_file_nothing_is_kept_and_nothing_fails() -> None:
    rules = rules_in(None)
    assert await rules.load() is None
    await put(rules, user_rule(Trigger.COMES, "u-ada", "Ada"))
    assert [rule.key for rule in rules.all] == ["u-ada"]


async def test_a_disk_that_refuses_is_told_and_the_rule_holds(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    rules = rules_in(tmp_path / "file" / "rules.json")
    rules.add(user_rule(Trigger.COMES, "u-ada", "Ada"))
    assert "cannot be written" in str(await rules.save((Trigger.COMES, "u-ada")))
    assert [rule.key for rule in rules.all] == ["u-ada"]


async def test_a_removed_rule_comes_back_to_where_it_stood(tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    rules = rules_in(path)
    for key in ("u-ada", "u-bo", "u-cy", "u-di"):
        await put(rules, user_rule(Trigger.RETURNS, key, key.title(), 120.0))
    before, whole = rules.all, path.read_bytes()
    for index in (1, 1):
        rule = rules.all[index]
        rules.remove(rule)
        assert await rules.save(rule.slot) is None
    assert [rule.key for rule in rules.all] == ["u-ada", "u-di"]
    for key in ("u-cy", "u-bo"):
        restored = rules.restore_removed()
        assert restored is not None and restored.key == key
        assert await rules.save(restored.slot) is None
    assert (rules.all, path.read_bytes()) == (before, whole)
    assert (rules.last_removed, rules.restore_removed()) == (None, None)


async def test_a_rule_restored_before_its_removal_is_written_does_not_move(tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    rules = rules_in(path)
    for key in ("u-ada", "u-bo"):
        await put(rules, user_rule(Trigger.COMES, key, ""))
    whole = path.read_bytes()
    rule = rules.all[0]
    rules.remove(rule)
    removing = asyncio.ensure_future(rules.save(rule.slot))
    assert rules.restore_removed() == rule
    await asyncio.gather(removing, rules.save(rule.slot))
    assert path.read_bytes() == whole


async def test_what_another_program_wrote_meanwhile_stays(tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    one, other = rules_in(path), rules_in(path)
    for key in ("u-ada", "u-bo"):
        await put(one, user_rule(Trigger.COMES, key, ""))
    rule = one.all[1]
    one.remove(rule)
    await one.save(rule.slot)
    await put(other, user_rule(Trigger.LEAVES, "u-cy", ""))
    one.restore_removed()
    await one.save(rule.slot)
    third = rules_in(path)
    await third.load()
    assert [each.key for each in third.all] == ["u-ada", "u-bo", "u-cy"]


async def test_a_rule_made_anew_is_not_restored_over(tmp_path: Path) -> None:
    rules = rules_in(tmp_path / "rules.json")
    await put(rules, user_rule(Trigger.RETURNS, "u-ada", "Ada", 60.0))
    rules.remove(rules.all[0])
    await put(rules, user_rule(Trigger.RETURNS, "u-ada", "Ada", 300.0))
    assert rules.restore_removed() is None
    assert [rule.after_s for rule in rules.all] == [300.0]


async def test_a_rule_made_anew_stands_last_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    rules = rules_in(path)
    ada, bo = user_rule(Trigger.COMES, "u-ada", ""), user_rule(Trigger.COMES, "u-bo", "")
    await put(rules, ada)
    await put(rules, bo)
    rules.remove(ada)
    assert await rules.save(ada.slot) is None
    await put(rules, ada)
    assert [each["key"] for each in json.loads(path.read_text())["rules"]] == ["u-bo", "u-ada"]


@pytest.mark.parametrize(
    ("kind", "asked_s", "after_s"),
    [
        (Trigger.RETURNS, None, 600.0),
        (Trigger.RETURNS, 60.0, 60.0),
        (Trigger.COMES, None, 0.0),
        (Trigger.COMES, 60.0, 0.0),
    ],
)
def test_a_rule_has_the_asked_span_or_that_of_its_trigger_if_it_has_any(
    kind: Trigger, asked_s: float | None, after_s: float
) -> None:
    assert user_rule(kind, "u-ada", "Ada", asked_s) == UserRule(kind, "u-ada", "Ada", after_s)
