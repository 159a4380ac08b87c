"""The settings that a run measures in: an instruction set and a number of threads each, and which cases run in which.

A library picks its instructions when it is loaded. So each set has processes of its own, whose environment says what
they may use before they import anything.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from bench.case import Case

WORDS = {"x86_64_v3": "AVX2", "x86_64_v4": "AVX-512", "neon": "NEON"}
"""What the sets are called by those who do not build for them; further sets of a processor are not measured."""


class Setting(NamedTuple):
    """What all libraries are held to."""

    instructions: str
    """The name of our core's instruction set."""
    threads: int

    @property
    def title(self) -> str:
        """What it is called in the tables."""
        threads = f"{self.threads} thread{'s' if self.threads > 1 else ''}"
        return f"{WORDS.get(self.instructions, self.instructions)}, {threads}"

    @property
    def clock(self) -> str:
        """Which time its ratios are of.

        With one thread that of the processor, which other programs do not lengthen; with several, what a user waits.
        """
        return "process" if self.threads == 1 else "wall"


def instruction_sets() -> list[str]:
    """Return the sets that are measured on this processor, the narrowest first."""
    from gridsample.engines import cpu  # noqa: PLC0415  (the core is needed only where something is measured)

    known = cpu.instruction_sets()
    return [name for name in reversed(known) if name in WORDS] or known[:1]


def settings(sets: Sequence[str], threads: Sequence[int]) -> list[Setting]:
    """Return all pairs: the narrowest set with the fewest threads first, the widest with the most last."""
    return [Setting(name, count) for name in sets for count in sorted(set(threads))]


def planned(cases: Sequence["Case"], chosen: Sequence[Setting]) -> list[tuple[Setting, "Case", list[str] | None]]:
    """Return what is measured, in order: a setting, a case, and the peers beside us, None for all that can.

    Every case is measured in every setting, so that a goal is seen wherever it holds. All peers take part in the first
    and the last setting; in between those alone that a goal names, which is what keeps a run at half an hour: SciPy and
    its like take ten times as long as all others together.
    """
    ends = {chosen[0], chosen[-1]} if chosen else set()
    return [
        (setting, case, None if setting in ends else [goal.peer for goal in case.goals])
        for setting in chosen
        for case in cases
    ]


# ---------------------------------------------------------------------------------------------------- the environment

WIDE = "AVX512"
"""How the names of all features begin that AVX2 lacks, wherever features have names."""


def numpys_wide_features() -> str:
    """Return what this NumPy can be told not to use; it has other names for it in each version."""
    from numpy._core import _multiarray_umath as numpy_core  # noqa: PLC0415

    has, able = numpy_core.__cpu_features__, numpy_core.__cpu_dispatch__
    return " ".join(name for name in able if name.startswith((WIDE, "X86_V4")) and has[name])


def environment(instructions: str) -> dict[str, str]:
    """Return the variables that hold every library that can be held to a set, with names of x86-64 but for ours."""
    ours = {"GRIDSAMPLE_ISA": instructions}
    if instructions == "x86_64_v4":
        return {**ours, "ATEN_CPU_CAPABILITY": "avx512"}
    if instructions != "x86_64_v3":
        return ours
    given = os.environ.get("GLIBC_TUNABLES")
    tunable = "glibc.cpu.hwcaps=" + ",".join(f"-{WIDE}{part}" for part in ("F", "CD", "BW", "DQ", "VL"))
    return {
        **ours,
        "ATEN_CPU_CAPABILITY": "avx2",
        "OPENCV_CPU_DISABLE": ",".join(f"{WIDE}-{part}" for part in ("SKX", "CLX", "CNL", "ICL")),
        "NPY_DISABLE_CPU_FEATURES": numpys_wide_features(),
        "GLIBC_TUNABLES": f"{given}:{tunable}" if given else tunable,  # the C library's copies
    }


@contextmanager
def held(variables: dict[str, str]) -> Iterator[None]:
    """Set variables for the processes started inside."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
