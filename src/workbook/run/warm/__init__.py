"""Kernels without waiting: one process imports everything once and is forked for each kernel.

`process` is the handle on that process, `server` what runs in it, `kernel` what a fork becomes: a kernel that speaks over one socket
(for papermill, see `engine`), or one with ZeroMQ's (for JupyterLab and Voila, see `provisioner`). Where a process can't be forked,
`unfit()` says why, and ordinary kernels are started instead.
"""

from workbook.run.warm.process import Refused, Warm, adopt, close, spawn, unfit, warm
from workbook.run.warm.spawned import Spawned

__all__ = ["Refused", "Spawned", "Warm", "adopt", "close", "spawn", "unfit", "warm"]
