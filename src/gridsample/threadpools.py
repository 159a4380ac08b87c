"""Our threads as ``threadpoolctl`` sees and limits them, by a controller that is registered whenever it is imported."""

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import gridsample
from gridsample import _core, threads

_NAME = "threadpoolctl"
CORE = Path(_core.__file__).resolve()


def register(threadpoolctl: ModuleType) -> None:
    """Register a controller, as threadpoolctl documents it for libraries that it does not know."""

    class Controller(threadpoolctl.LibController):  # type: ignore[misc, name-defined]  # a module at hand only now
        user_api = internal_api = "gridsample"
        filename_prefixes = (CORE.name.lower(),)
        check_symbols = (f"PyInit_{_core.__name__.rpartition('.')[2]}",)

        def set_additional_attributes(self) -> None:
            """Let other packages' files of the same name, and symbol, go as those of no library that is known."""
            if Path(self.filepath).resolve() != CORE:
                self.dynlib = None

        def get_num_threads(self) -> int:
            """Return how many threads a call may use."""
            return threads.get_num_threads()

        def set_num_threads(self, num_threads: int) -> None:
            """Limit them."""
            threads.set_limit(num_threads)

        def get_version(self) -> str:
            """Return the version of this package."""
            return gridsample.__version__

    threadpoolctl.register(Controller)


class _Watch:
    """A finder of modules: finds none itself, but has the controller registered once threadpoolctl is imported."""

    def find_spec(self, name: str, *_: Any) -> ModuleSpec | None:
        if name != _NAME:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:  # not installed, so far
            sys.meta_path.insert(0, self)
            return None
        loader: Any = spec.loader
        execute = loader.exec_module

        def execute_and_register(module: ModuleType) -> None:
            execute(module)
            register(module)

        loader.exec_module = execute_and_register
        return spec


def watch() -> None:
    """Register now, or as soon as threadpoolctl is imported: importing this package imports nothing but NumPy."""
    if _NAME in sys.modules:
        register(sys.modules[_NAME])
    else:
        sys.meta_path.insert(0, _Watch())
