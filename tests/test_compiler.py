"""What we know of compilers' faults, and that the options we compile with are enough against them."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMPILER = shutil.which(os.environ.get("CXX", "c++"))


@pytest.mark.skipif(COMPILER is None, reason="needs a C++ compiler")
@pytest.mark.parametrize("level", ["-O1", "-O2", "-O3"])
def test_calls_that_store_are_kept(tmp_path, level):
    option = re.search(r"add_compile_options\((\S+)\)", (ROOT / "CMakeLists.txt").read_text())[1]
    program = tmp_path / "null_base"
    source = ROOT / "tests" / "native" / "null_base.cpp"
    subprocess.run([COMPILER, "-std=c++20", level, option, source, "-o", program], check=True)
    printed = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "32"
