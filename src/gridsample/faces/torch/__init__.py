"""The face for torch tensors, CPU tensors foremost; its public name is :mod:`gridsample.torch`."""

import functools

import torch

from gridsample.faces import find
from gridsample.faces.torch import batching, derivatives, face, replacing, scripting
from gridsample.faces.torch.decompositions import decompositions
from gridsample.faces.torch.modules import GridSample
from gridsample.faces.torch.replacing import replacing_functional
from gridsample.spec import parse_options, question, spelled

__all__ = ["GridSample", "decompositions", "replacing_functional"]


@functools.cache
def register() -> None:
    """Complete torch's operators, and tell the public functions of tensors; once for a process."""
    derivatives.register()
    batching.register()
    scripting.register()
    replacing.register()
    # to be called while compilers trace, not to be traced
    for function in (parse_options, question, spelled, face.refusal):
        torch.compiler.assume_constant_result(function)
    find.FACES[torch.Tensor] = face


register()
