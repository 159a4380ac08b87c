# Two commands do everything on a fresh machine with Python, a C++ compiler and make:
#
#     make demo    build, warp a photograph in every mode, and sample a 4 x 4 array
#     make test    build, and run the tests
#
# A third compares the speed with other libraries' and takes about a quarter of an hour more:
#
#     make bench   build, time everything side by side, and write docs/benchmarks.md
#
# A fourth tests the core's vectors for 64-bit Arm in an emulator, where Debian's g++-aarch64-linux-gnu and qemu-user are
# installed:
#
#     make test-neon
#
# A fifth runs the core without Python in two drivers, one of random calls and one of threads, under the compiler's checks;
# with Debian's clang and libclang-rt-14-dev if they are there:
#
#     make test-native
#
# A sixth makes the site, with the gallery's examples run, in docs/_build/html:
#
#     make docs    a few minutes; what changed since then, the next time
#
# Each makes what it needs in .venv and build, says what it does, and can be run again.

PYTHON ?= python3
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
SOURCES := pyproject.toml CMakeLists.txt $(shell find src core -type f -not -name '*.pyc' -not -name '*.so')
# pip hides what a build prints; this lets the compiler's steps through, one line each.
PROGRESS := grep --line-buffered -E '^ *\[[0-9]+/[0-9]+\]|error|Successfully (built|installed)' | sed -u -E 's/ CXX object CMakeFiles.|\.dir\/core/ /g'
say = @printf '\n== %s\n' $(1)

.PHONY: help demo test test-slow test-sanitized test-clang test-native test-neon bench pictures docs lint types clean

help:
	@sed -n '/^#/!q;s/^# \{0,1\}//p' Makefile

$(VENV)/created:
	$(call say,"Making a virtual environment in $(VENV)")
	$(PYTHON) -m venv $(VENV)
	@touch $@

# The demo needs the core for this machine's processor alone; tests and the benchmark, for all of its family.
INSTRUCTION_SETS_wheel := all
INSTRUCTION_SETS_native := native
MEANING_wheel := each instruction set
MEANING_native := this processor
build/wheel/built build/native/built: build/%/built: $(VENV)/created $(SOURCES)
	$(call say,"Building gridsample: the core is compiled for $(MEANING_$*) - a minute or two the first time")
	@rm -rf build/$*
	@$(PIP) wheel -v --no-deps -w build/$* -Ccmake.define.GRIDSAMPLE_INSTRUCTION_SETS=$(INSTRUCTION_SETS_$*) \
	    -Cbuild-dir=build/$*-objects . 2>&1 | $(PROGRESS) || \
	    { echo 'The build failed; all of its output: $(PIP) wheel -v --no-deps .'; exit 1; }
	@touch $@

$(VENV)/for-demo: build/native/built
	$(call say,"Installing gridsample with what the demo needs")
	$(PIP) install -q --force-reinstall --no-deps $(wildcard build/native/*.whl)
	$(PIP) install -q '$(wildcard build/native/*.whl)[demo]'
	@touch $@

# torch comes first, so that nothing else chooses another build of it.
$(VENV)/for-bench $(VENV)/for-dev $(VENV)/for-docs: $(VENV)/for-%: build/wheel/built
	$(call say,"Installing gridsample with PyTorch and the other libraries it is compared with")
	$(PIP) install -q 'torch==2.13.0'
	$(PIP) install -q --force-reinstall --no-deps $(wildcard build/wheel/*.whl)
	$(PIP) install -q '$(wildcard build/wheel/*.whl)[$*]'
	@touch $@

demo: $(VENV)/for-demo
	$(call say,"Warping a photograph and sampling a small array")
	@$(BIN)/python examples/demo.py

test: $(VENV)/for-dev
	$(call say,"Running the tests")
	$(BIN)/python -m pytest -m "not slow"

test-slow: $(VENV)/for-dev
	$(call say,"Running the slow tests")
	$(BIN)/python -m pytest -m slow --ignore tests/neon

# BENCH holds options, as in: make bench BENCH='--only trilinear'
bench: $(VENV)/for-bench
	$(call say,"Timing gridsample beside other libraries")
	@$(BIN)/python -m bench $(BENCH)

# The pictures of docs/explain.md and docs/kernels-and-boundaries.md; those in Chinese need a font such as fonts-noto-cjk.
pictures: $(VENV)/for-dev
	$(call say,"Drawing the pictures of the documents")
	$(BIN)/python docs/draw.py

# Figures of the Chinese pages are in Chinese where there is a font for it, such as Debian's fonts-noto-cjk.
# Links within the site are checked by Sphinx, and once more in what it wrote, where nothing may be had from another host.
docs: $(VENV)/for-docs
	$(call say,"Making the site: its gallery is run - a few minutes the first time")
	$(BIN)/python -m sphinx --fail-on-warning --keep-going -j auto -q docs docs/_build/html
	$(BIN)/python docs/check_site.py docs/_build/html

lint: $(VENV)/for-dev
	$(call say,"Checking the style")
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/for-dev
	$(call say,"Checking the types")
	$(BIN)/mypy

# A second environment, without torch, with the core built under AddressSanitizer and UndefinedBehaviorSanitizer.
SANITIZED := $(VENV)-sanitized/bin/python
SANITIZED_TESTS := $(addprefix tests/test_,engine_cpu.py fast_paths.py fast_scatters.py nonfinite.py properties.py layouts.py \
    shapes.py out.py threads.py by_axis.py pixel.py splines.py)
test-sanitized:
	$(call say,"Building the core under AddressSanitizer and UndefinedBehaviorSanitizer")
	@test -x $(SANITIZED) || $(PYTHON) -m venv $(VENV)-sanitized
	@$(SANITIZED) -m pip --disable-pip-version-check install -v '.[test]' \
	    -Ccmake.define.GRIDSAMPLE_SANITIZE=address -Ccmake.define.GRIDSAMPLE_INSTRUCTION_SETS=native \
	    -Cbuild-dir=build/sanitized 2>&1 | $(PROGRESS)
	$(call say,"Running the tests that need no torch")
	LD_PRELOAD="$$($${CXX:-c++} -print-file-name=libasan.so) $$($${CXX:-c++} -print-file-name=libubsan.so)" \
	    ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 \
	    $(SANITIZED) -m pytest -m "not slow" -p no:cacheprovider $(SANITIZED_TESTS)

# Checked drivers are built by Clang where it can link its checks: it compiles them faster and sees more.
NATIVE_CXX = $(shell echo 'int main() {}' | clang++ -x c++ - -fsanitize=thread -o /dev/null 2>/dev/null && echo clang++ || echo $${CXX:-c++})
FUZZ_SECONDS ?= 20
RACE_SECONDS ?= 10
FUZZ_SEED ?= $(shell date +%Y%m%d)
DRIVER_fuzz = fuzz.cpp -DGRIDSAMPLE_SANITIZE=address -DCMAKE_CXX_COMPILER=$(NATIVE_CXX)
DRIVER_race = race.cpp -DGRIDSAMPLE_SANITIZE=thread -DCMAKE_CXX_COMPILER=$(NATIVE_CXX) -DGRIDSAMPLE_INSTRUCTION_SETS=native
DRIVER_clang = fuzz.cpp -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_COMPILE_WARNING_AS_ERROR=ON -DGRIDSAMPLE_INSTRUCTION_SETS=native
.PRECIOUS: build/native-%/_core
build/native-%/_core: $(VENV)/created $(wildcard tests/native/*.cpp tests/native/*.h) $(SOURCES)
	$(call say,"Building the driver $* of the core: some minutes the first time")
	@$(PIP) install -q cmake
	@$(BIN)/cmake -S . -B build/native-$* -DGRIDSAMPLE_WORTHWHILE=2000 -DGRIDSAMPLE_DRIVER=$(CURDIR)/tests/native/$(DRIVER_$*) >/dev/null
	@MAKEFLAGS= $(BIN)/cmake --build build/native-$* --parallel $${CMAKE_BUILD_PARALLEL_LEVEL:-$(shell nproc)}

test-native: build/native-fuzz/_core build/native-race/_core
	$(call say,"Random calls for $(FUZZ_SECONDS) s with seed $(FUZZ_SEED)")
	build/native-fuzz/_core --seed $(FUZZ_SEED) --seconds $(FUZZ_SECONDS)
	$(call say,"Calls from several threads for $(RACE_SECONDS) s")
	build/native-race/_core --seed $(FUZZ_SEED) --seconds $(RACE_SECONDS)

# The core as Clang optimizes it: unchecked, so that what is tested is what would be shipped.
test-clang: build/native-clang/_core
	$(call say,"Random calls of what Clang makes of the core for $(FUZZ_SECONDS) s")
	build/native-clang/_core --seed $(FUZZ_SEED) --seconds $(FUZZ_SECONDS)

# On other processors than Arm's: skipped, with what to install, where that is missing.
test-neon: $(VENV)/for-dev
	$(call say,"Testing the NEON core in an emulator: it is compiled first - some minutes the first time")
	$(PIP) install -q cmake
	$(BIN)/python -m pytest tests/neon

clean:
	rm -rf $(VENV) $(VENV)-sanitized build demo docs/_build docs/gallery docs/images/drawn docs/reference/generated
