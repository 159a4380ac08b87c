"""The engines, and the one function that chooses among them.

The choice, the text of refusals, the support table of the README and ``gridsample info`` come from ``ENGINES``.
"""

from functools import lru_cache

from gridsample.engines.cpu import CPU
from gridsample.engines.interface import Call, Engine
from gridsample.engines.portable import PORTABLE

ENGINES: tuple[Engine, ...] = (CPU, PORTABLE)
"""All there are, the fastest first."""


@lru_cache(maxsize=1024)
def choose(call: Call) -> Engine:
    """Return the first engine that serves a call, or refuse it with what each engine says."""
    reasons = []
    for engine in ENGINES:
        reason = engine.serves(call)
        if reason is None:
            return engine
        reasons.append(f"{engine.name} cannot: {reason}")
    raise TypeError(f"no engine serves this call: {'; '.join(reasons)}")


def quickest(library: str, device: str) -> Engine:
    """Return the engine whose ``sample`` is asked first, before a call is looked at."""
    return next(engine for engine in ENGINES if engine.reads(library, device) is None)


def support() -> dict[str, dict[str, str]]:
    """Return what each engine serves, in words: the rows of the tables that users see."""
    return {
        engine.name: {
            "arrays": engine.arrays,
            "spatial axes": f"{engine.axes.start} to {engine.axes.stop - 1}",
            "dtypes": ", ".join(engine.dtypes) + "".join(f"; {name}, to sample" for name in engine.whole),
            "kernels": engine.kernels,
            "boundaries": engine.boundaries,
            "splats": engine.splats,
            "votes": "integers, bool" if engine.labels else "no",
        }
        for engine in ENGINES
    }
