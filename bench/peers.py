"""All that are measured, by name."""

from bench.cases import Case
from bench.with_arrays import Copy, OnnxRuntime, OpenCV, ScikitImage, SciPy, SimpleITK
from bench.with_tensors import GridSample, TorchInterpol, TorchPeer

OURS, COPY = GridSample.name, Copy.name
LIBRARIES = {
    peer.name: peer
    for peer in (GridSample, TorchPeer, OpenCV, SciPy, ScikitImage, OnnxRuntime, TorchInterpol, SimpleITK)
}
PEERS = {**LIBRARIES, COPY: Copy}


def peers_for(case: Case) -> list[str]:
    """Return the names of all that can do a case and are installed, ours first."""
    return [
        name
        for name, peer in PEERS.items()
        if (case.peers is None or name in (OURS, COPY, *case.peers)) and peer.installed() and peer.supports(case)
    ]
