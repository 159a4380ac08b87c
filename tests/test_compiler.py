"""What the compiler is to refuse in the core; and what we know of its faults, against which our options are enough."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMPILER = shutil.which(os.environ.get("CXX", "c++"))

pytestmark = pytest.mark.skipif(COMPILER is None, reason="needs a C++ compiler")

# What would otherwise load and drop something else in silence, each beside what is right.
REFUSED = {
    "values of three bytes, loaded as eight": ("Bits<{}> bits;", 3, 2),
    "six taps, of which four would be loaded together": (
        "void f(const Form& form) {{ for_each_chunk<Shape<{}, 1, 1>, true, float>(form, [](auto, int) {{}}); }}",
        6,
        4,
    ),
    "a kernel of more taps than there is room for": (
        "struct Long : Keys {{ static constexpr int taps = {}; }}; constexpr KernelRecord record{{Long()}};",
        9,
        8,
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_does_not_fit_is_refused(tmp_path, what):
    text, wrong, right = REFUSED[what]

    def compiles(number):
        source = tmp_path / "source.cpp"
        code = text.format(number)
        source.write_text(f'#include "blend.h"\nnamespace gridsample::GRIDSAMPLE_ISA {{ {code} }}\n')
        command = [COMPILER, "-std=c++20", "-fsyntax-only", "-w", "-DGRIDSAMPLE_ISA=any", f"-I{ROOT / 'core'}", source]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    assert compiles(right)
    assert not compiles(wrong)


@pytest.mark.parametrize("level", ["-O1", "-O2", "-O3"])
def test_calls_that_store_are_kept(tmp_path, level):
    option = re.search(r"add_compile_options\((\S+)\)", (ROOT / "CMakeLists.txt").read_text())[1]
    program = tmp_path / "null_base"
    source = ROOT / "tests" / "native" / "null_base.cpp"
    subprocess.run([COMPILER, "-std=c++20", level, option, source, "-o", program], check=True)
    printed = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "32"


@pytest.mark.parametrize("level", ["-O2", "-O3"])
def test_clang_takes_every_third_half_from_its_place(tmp_path, level):
    clang, cpu = shutil.which("clang++"), Path("/proc/cpuinfo")
    if clang is None or not cpu.exists() or not {"avx512bw", "avx512vl"} <= set(cpu.read_text().split()):
        pytest.skip("needs Clang, and a processor with AVX-512")
    options = re.search(r"set\(options_x86_64_v4 ([^)]*)\)", (ROOT / "CMakeLists.txt").read_text())[1].split()
    program = tmp_path / "third_halves"
    source = ROOT / "tests" / "native" / "third_halves.cpp"
    subprocess.run([clang, "-std=c++20", level, *options, source, "-o", program], check=True)
    printed = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "0"
