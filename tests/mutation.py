"""How many mutants of the core its tests notice, measured on a seeded sample: ``python -m tests.mutation``.

mutmut makes the mutants, about 13,000, in the folder ``mutants``. The same number is drawn from each package.
A process collects the tests of a package once, and forks for each mutant, which runs only the tests that call
the changed function. Mutants that live are run again with the tests of all packages. What lives then is run
with the slower tests of the suite that need no other program: the other unit tests, the simulations, and
whole monitors over real sockets. Twice, because these may fail by chance. What is left is printed.

A function that modules call while they are imported is tested in a process of its own as well, because its
mutant is not active in a fork.

``--sample 0`` tests all mutants, for some hours; ``--names FILE`` those of a file.
"""

import argparse
import importlib
import json
import os
import pkgutil
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import Final

import pytest
from mutmut import __main__ as mutmut
from mutmut.mutation import trampoline
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant

TESTS: Final = {
    "domain": ["tests/unit/domain", "tests/unit/test_masked_reprs.py", "tests/unit/text"],
    "alerts": ["tests/unit/alerts", "tests/integration/alerts"],
    "history": ["tests/unit/history"],
    "wire": ["tests/unit/wire"],
    "store": ["tests/unit/store"],
    "monitor": ["tests/unit/monitor"],
}
SIMULATIONS: Final = ["tests/unit/store/test_store_machine.py", "tests/unit/monitor/test_dropping_links.py"]
"""Left to the last resort: they take a minute each, and call nearly everything."""
LAST_RESORT: Final = [
    "tests/unit/audit",
    "tests/unit/cli",
    "tests/unit/flaps",
    "tests/unit/gateway",
    "tests/unit/metrics",
    "tests/unit/service",
    "tests/unit/transport",
    "tests/unit/web",
    "tests/integration/watch",
    "tests/integration/history",
    *SIMULATIONS,
]
MUTANTS: Final = Path("mutants")
KILLED, SURVIVED, TIMED_OUT, NO_TEST = "killed", "survived", "timed out", "no test"
UNRELIABLE, FINISHED = "unreliable", "finished"
"""Lines of the report that are about no mutant."""
LEAST_LIMIT_S, LIMIT_FACTOR, MOST_LIMIT_S = 60.0, 10.0, 600.0
"""Time limit for a mutant: the first, and so many times the time of its tests, but at most the last."""
MOST_TEST_S = 120.0
"""A mutant's tests are run from the quickest on, as many as take this together without a mutant."""


def make_mutants() -> dict[str, Path]:
    """Name of each mutant, and the file it changes."""
    MUTANTS.mkdir(exist_ok=True)
    trampoline.set_mutant_under_test("mutant_generation")
    mutmut.copy_src_dir()
    mutmut.copy_also_copy_files()
    mutmut.create_mutants(1)
    made: dict[str, Path] = {}
    for package in TESTS:
        for path in sorted(Path("presence_tui", package).rglob("*.py")):
            mutated = SourceFileMutationData(path=path)
            mutated.load()
            made |= dict.fromkeys(mutated.exit_code_by_key, path)
    return made


def package_of(name: str) -> str:
    return name.split(".")[1]


def draw(names: Sequence[str], size: int, seed: int) -> Iterator[str]:
    for package in TESTS:
        own = sorted(name for name in names if package_of(name) == package)
        share = min(size // len(TESTS), len(own)) if size else len(own)
        yield from random.Random(f"{seed} {package}").sample(own, share)


class Runner:
    """A plugin of pytest that runs the collected tests once for each mutant, in forks.

    The collecting process runs no test itself: a cache filled by the true code would hide a mutant.
    A mutant is killed that is noticed as many ``times``, because real sockets may fail by chance.
    """

    def __init__(
        self, names: Sequence[str], report: Callable[[str, str], None], times: int, anew: Sequence[str]
    ) -> None:
        """``anew`` has the arguments of pytest for a process of its own; none if there is to be none."""
        self._names = names
        self._anew = anew
        self._called_by_imports: set[str] = set()
        self._report = report
        self._times = times

    def pytest_configure(self) -> None:
        os.environ["MUTANT_UNDER_TEST"] = "stats"
        trampoline.record_trampoline_hit = lambda name, caller=None: self._called_by_imports.add(name)
        for package in TESTS:
            for module in pkgutil.iter_modules([f"presence_tui/{package}"], f"presence_tui.{package}."):
                importlib.import_module(module.name)
        os.environ["MUTANT_UNDER_TEST"] = ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        known, cost_s, failing = self._find_tests(session)
        everything = sorted(range(len(session.items)), key=cost_s.__getitem__)
        unreliable = _failing(session, everything).union(failing)
        for number in unreliable:
            self._report(UNRELIABLE, session.items[number].nodeid)
        for name in self._names:
            function = name.partition("__mutmut_")[0]
            calling = set(known.get(function, [])) - unreliable
            numbers = _affordable(sorted(calling, key=cost_s.__getitem__), cost_s)
            limit_s = LEAST_LIMIT_S + LIMIT_FACTOR * sum(cost_s[number] for number in numbers)
            result = NO_TEST
            for _ in range(self._times if numbers else 0):
                result = _result(session, name, numbers, min(limit_s, MOST_LIMIT_S))
                if result != KILLED:
                    break
            if result in (SURVIVED, NO_TEST) and self._anew and function in self._called_by_imports:
                left_out = [f"--deselect={session.items[number].nodeid}" for number in unreliable]
                result = _result_of_process(name, [*self._anew, *left_out])
            self._report(name, result)
        self._report(FINISHED, "")
        return True

    def _find_tests(self, session: pytest.Session) -> tuple[dict[str, list[int]], list[float], list[int]]:
        """Numbers of the tests that call each function, the time of each test, and which fail."""
        found = Path("tests_of_functions.json").resolve()
        if not (child := os.fork()):
            os.environ["MUTANT_UNDER_TEST"] = "stats"
            called: set[str] = set()
            trampoline.record_trampoline_hit = lambda name, caller=None: called.add(name)
            known: dict[str, list[int]] = {}
            cost_s: list[float] = []
            failing: list[int] = []
            for number, item in enumerate(session.items):
                called.clear()
                began_s = time.monotonic()
                if not _passes(session, item):
                    failing.append(number)
                cost_s.append(time.monotonic() - began_s)
                for function in called:
                    known.setdefault(function, []).append(number)
            found.write_text(json.dumps([known, cost_s, failing]))
            os._exit(0)
        if os.waitpid(child, 0)[1]:
            raise SystemExit("The tests break off without a mutant.")
        known, cost_s, failing = json.loads(found.read_text())
        return known, cost_s, failing


def _affordable(numbers: Sequence[int], cost_s: Sequence[float]) -> list[int]:
    sums_s = accumulate(cost_s[number] for number in numbers)
    return [number for number, sum_s in zip(numbers, sums_s, strict=True) if sum_s <= MOST_TEST_S]


def _passes(session: pytest.Session, item: pytest.Item) -> bool:
    before = session.testsfailed
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
    return session.testsfailed == before


def _failing(session: pytest.Session, numbers: Sequence[int]) -> set[int]:
    """Numbers of the tests that fail without a mutant, run as with one: in a fork, the quick ones first."""
    found = Path("failing_tests.json").resolve()
    if not (child := os.fork()):
        os.environ["MUTANT_UNDER_TEST"] = ""
        _be_silent()
        failing = [number for number in numbers if not _passes(session, session.items[number])]
        found.write_text(json.dumps(failing))
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        raise SystemExit("The tests break off without a mutant.")
    return set(json.loads(found.read_text()))


def _be_silent() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def _result(session: pytest.Session, name: str, numbers: Sequence[int], limit_s: float) -> str:
    if not (child := os.fork()):
        os.environ["MUTANT_UNDER_TEST"] = name
        _be_silent()
        # A mutant may raise anything, also in a hook.
        with suppress(BaseException):
            if all(_passes(session, session.items[number]) for number in numbers):
                os._exit(0)
        os._exit(1)
    until_s = time.monotonic() + limit_s
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return SURVIVED if status == 0 else KILLED
        if time.monotonic() > until_s:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return TIMED_OUT
        time.sleep(0.01)


def _result_of_process(name: str, arguments: Sequence[str]) -> str:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:cacheprovider",
        "--timeout=0",
        *arguments,
    ]
    try:
        ended = subprocess.run(
            command, env=os.environ | {"MUTANT_UNDER_TEST": name}, capture_output=True, timeout=MOST_LIMIT_S
        )
    except subprocess.TimeoutExpired:
        return TIMED_OUT
    return SURVIVED if ended.returncode == pytest.ExitCode.OK else KILLED


def run(
    names: Sequence[str],
    tests: Sequence[str],
    ignored: Sequence[str] = SIMULATIONS,
    *,
    times: int = 1,
    imports: bool = False,
) -> dict[str, str]:
    """Result of each mutant with these tests, in a process that imports the mutated package.

    With ``imports``, mutants of functions that imports call are tried in processes of their own as well.
    """
    out = (MUTANTS / "results.txt").resolve()
    out.write_text("")
    if not (child := os.fork()):
        os.chdir(MUTANTS)
        sys.path.insert(0, str(Path.cwd()))

        def report(name: str, result: str) -> None:
            with out.open("a") as file:
                file.write(f"{name}\t{result}\n")

        options = ["-q", "-p", "no:cacheprovider", "--rootdir=.", "--timeout=0"]
        tests = [*tests, *(f"--ignore={path}" for path in ignored)]
        runner = Runner(names, report, times, tests if imports else ())
        os._exit(int(pytest.main([*options, *tests], plugins=[runner])))
    os.waitpid(child, 0)
    lines = [line.split("\t", 1) for line in out.read_text().splitlines()]
    if [FINISHED, ""] not in lines:
        raise SystemExit("The tests fail without a mutant; see above.")
    for name, test in lines:
        if name == UNRELIABLE:
            print(f"Left out, because it failed without a mutant: {test}")
    return {name: result for name, result in lines if name not in (UNRELIABLE, FINISHED)}


def summary(results: Mapping[str, str]) -> str:
    """Time-outs are left out of the ratio: they may be a mutant's fault or the machine's."""
    counts = Counter(results.values())
    judged = len(results) - counts[TIMED_OUT]
    rest = "".join(f", {counts[each]} {each}" for each in (SURVIVED, NO_TEST, TIMED_OUT) if counts[each])
    return f"{counts[KILLED]} of {judged} killed ({counts[KILLED] / max(judged, 1):.1%}){rest}"


def lives(results: Mapping[str, str]) -> list[str]:
    return [name for name, result in results.items() if result in (SURVIVED, NO_TEST)]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sample", type=int, default=300, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--names", type=Path, metavar="FILE")
    options = parser.parse_args()
    made = make_mutants()
    if options.names is None:
        names = list(draw(list(made), options.sample, options.seed))
    else:
        names = options.names.read_text(encoding="utf-8").split()
    results: dict[str, str] = {}
    for package, tests in TESTS.items():
        if own := [name for name in names if package_of(name) == package]:
            results |= run(own, tests, imports=True)
    if left := lives(results):
        results |= run(left, [path for tests in TESTS.values() for path in tests])
    if left := lives(results):
        last = run(left, LAST_RESORT, ignored=(), times=2)
        # These wait for events, some for long: a time-out here does not take a mutant out of the ratio.
        results |= {name: result for name, result in last.items() if result == KILLED}
    for name, result in results.items():
        if result != KILLED:
            print(f"# {name}: {result}\n{get_diff_for_mutant(name, path=made[name])}")
    for package in TESTS:
        print(f"{package:<8} {summary({n: r for n, r in results.items() if package_of(n) == package})}")
    print(f"{'all':<8} {summary(results)} of {len(made):,}")


if __name__ == "__main__":
    main()
