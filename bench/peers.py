"""All that are measured, by name."""

from bench.case import OURSELVES, Case
from bench.with_arrays import Copy, OnnxRuntime, OpenCV, ScikitImage, SciPy, SimpleITK
from bench.with_tensors import GridSample, Otherwise, TorchInterpol, TorchPeer

OURS, COPY = GridSample.name, Copy.name
LIBRARIES = {
    peer.name: peer
    for peer in (GridSample, TorchPeer, OpenCV, SciPy, ScikitImage, OnnxRuntime, TorchInterpol, SimpleITK)
}
PEERS = {**LIBRARIES, OURSELVES: Otherwise, COPY: Copy}
ALWAYS = (OURS, OURSELVES, COPY)


def peers_for(case: Case, wanted: list[str] | None = None) -> list[str]:
    """Return the names of all that can do a case and are installed, ours first; of other libraries those wanted."""

    def is_wanted(name: str) -> bool:
        return all(names is None or name in names for names in (case.peers, wanted))

    return [
        name
        for name, peer in PEERS.items()
        if (name in ALWAYS or is_wanted(name)) and peer.installed() and peer.supports(case)
    ]
