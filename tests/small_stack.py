"""Run by test_small_stack.py: every operation of the core on every instruction set, in a thread of a small stack."""

import math
import sys
import threading

import numpy as np

from gridsample import _core

rng = np.random.default_rng(0)
image, grid = rng.uniform(-1, 1, (1, 2, 9, 11, 13)), rng.uniform(-1.2, 1.2, (1, 301, 3))
values = rng.uniform(-1, 1, (1, 2, 301))
done = []


def one():
    return 1


def every_operation():
    for instructions in _core.instruction_sets():
        _core.use_instruction_set(instructions)
        for kernel, boundary in [("keys", "border"), ("keys", "zeros"), ("linear", "mirror"), ("nearest", "wrap")]:
            options = _core.Options(
                [(kernel, (-0.75,) if kernel == "keys" else (), boundary)], (1.0, 0.5, 0.0, 0.5), (), math.inf, False
            )
            orders = (0, 0, 0)
            _core.pull(image, grid, values.copy(), options, orders, one)
            _core.push(values, grid, image.copy(), options, orders, one)
            _core.grid_gradient(values, image, grid, grid.copy(), options, orders, one)
            _core.gradients(values, image, grid, image.copy(), grid.copy(), options, orders, one)
            copies = values.copy(), image.copy(), grid.copy()
            _core.gradients_along(image, grid, values, image, grid, *copies, options, orders, one)
            done.append((instructions, kernel, boundary))


threading.stack_size(int(sys.argv[1]))
thread = threading.Thread(target=every_operation)
thread.start()
thread.join()
print(len(done) == 4 * len(_core.instruction_sets()))
