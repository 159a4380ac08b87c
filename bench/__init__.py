"""The benchmark: this library beside others, in turns, each answer checked first.

``python -m bench --help``, in the project's root, or ``make bench``.

    cases.py      what is measured: one table, with that of models.py; case.py says what a case is, places.py its points
    settings.py   instruction sets and threads, what holds the libraries to them, and which cases run in which
    peers.py      the libraries; with_tensors.py and with_arrays.py say how each is called, peer.py what they share
    check.py      whether an answer is right
    worker.py     a process with one library in it
    measure.py    blocks of calls, the libraries in turn
    figures.py    ratios and shares, from the times
    report.py     docs/benchmarks.md, of tables.py and sweep.py, and plot.py its picture
    readme.py     the READMEs' table, from that page
    machine.py    what it ran on
    notes.md      why what is short of its goal is so
"""
