"""Kernels of JupyterLab and Voila: everything an application does with a kernel, done with a forked one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from waiting import LONG, ended, until

from workbook.run.preload import APP_MODULES
from workbook.run.warm import close, process


@pytest.fixture
def kernels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Starts kernels as an application with this provisioner would; ends what is left of them."""
    monkeypatch.setattr(KernelProvisionerFactory.instance(), "default_provisioner_name", "workbook")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("WORKBOOK_WARM_IMPORTS", ",".join(APP_MODULES))
    running: list[tuple[KernelManager, Any]] = []

    def start(**given: Any) -> tuple[KernelManager, Any]:
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel(**given)
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=LONG)
        running.append((manager, client))
        return manager, client

    yield start
    for manager, client in running:
        client.stop_channels()
        if manager.has_kernel:
            manager.shutdown_kernel(now=True)


def said(client: Any, code: str) -> str:
    """What a cell printed, or the name of its error."""
    texts: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            texts.append(message["content"]["text"])

    reply = client.execute_interactive(code, output_hook=hear, timeout=LONG, allow_stdin=False)["content"]
    return "".join(texts).strip() if reply["status"] == "ok" else str(reply["ename"])


def test_a_kernel_is_forked_from_a_process_that_has_imported_everything(
    kernels: Callable[..., Any], tmp_path: Path
) -> None:
    """It finds pandas loaded, its own folder and variables, the arguments of an ordinary kernel, and shows figures as one."""
    manager, client = kernels(cwd=str(tmp_path), env={**os.environ, "MINE": "yes"})
    assert psutil.Process(manager.provisioner.pid).ppid() in {one.pid for one in process._running.values()}
    assert (
        said(client, "import sys, os; print('pandas' in sys.modules, os.getcwd(), os.environ['MINE'])")
        == f"True {tmp_path} yes"
    )
    assert (
        said(client, "print(os.path.basename(sys.argv[0]), sys.argv[1], sys.flags.safe_path)")
        == "ipykernel_launcher.py -f False"
    )
    assert said(client, "import plotly.io; print(plotly.io.renderers.default)").startswith("plotly_mimetype")


def test_interrupt_restart_and_shutdown_are_as_ever(kernels: Callable[..., Any]) -> None:
    """A sleeping cell is interrupted and the kernel goes on; a restart forgets what was there; a shutdown leaves no process."""
    manager, client = kernels()
    first = manager.provisioner.pid
    said(client, "kept = 1")
    client.execute("import time; print('begun', flush=True); time.sleep(3600)", stop_on_error=False)
    while client.get_iopub_msg(timeout=LONG)["content"].get("text") != "begun\n":
        pass
    manager.interrupt_kernel()
    reply = client.get_shell_msg(timeout=LONG)
    while reply["msg_type"] != "execute_reply" or reply["content"]["status"] == "ok":
        reply = client.get_shell_msg(timeout=LONG)
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    assert said(client, "print(kept)") == "1"
    manager.restart_kernel()
    client.wait_for_ready(timeout=LONG)
    assert manager.provisioner.pid != first
    assert said(client, "print(kept)") == "NameError"
    last = manager.provisioner.pid
    manager.shutdown_kernel()
    assert ended(first)
    assert ended(last)


def test_a_kernel_that_dies_is_found_dead_and_the_next_one_starts(kernels: Callable[..., Any]) -> None:
    """By its exit status, within a moment; other kernels of the same warm process do not notice."""
    manager, client = kernels()
    _, other = kernels()
    client.execute("import os; os._exit(3)")
    until(lambda: not manager.is_alive())
    assert manager.provisioner.process.returncode == 3
    assert said(other, "print(1)") == "1"
    _, third = kernels()
    assert said(third, "print(2)") == "2"


def test_the_warm_process_may_die_and_its_kernels_go_on(kernels: Callable[..., Any]) -> None:
    """Nobody's work is lost with it; it is started again for the next kernel, and the old one's end is still found out."""
    manager, client = kernels()
    warm = psutil.Process(manager.provisioner.pid).ppid()
    said(client, "kept = 1")
    os.kill(warm, signal.SIGKILL)
    assert ended(warm)
    assert said(client, "print(kept)") == "1"
    assert manager.is_alive()
    second, other = kernels()
    assert said(other, "print(2)") == "2"
    assert psutil.Process(second.provisioner.pid).ppid() != warm
    manager.interrupt_kernel()
    manager.shutdown_kernel(now=True)
    assert ended(manager.provisioner.pid or 0)


def test_nobody_else_can_ask_the_warm_process_for_a_kernel(kernels: Callable[..., Any]) -> None:
    """It listens nowhere: no port, no name in the file system; a kernel's ports want the key of its private connection file."""
    manager, _ = kernels()
    warm = psutil.Process(psutil.Process(manager.provisioner.pid).ppid())
    assert [one for one in warm.net_connections(kind="inet") if one.status == psutil.CONN_LISTEN] == []
    assert [one.laddr for one in warm.net_connections(kind="unix") if one.laddr] == []
    assert Path(manager.connection_file).stat().st_mode & 0o077 == 0


def test_a_kernel_of_another_interpreter_is_started_as_ever(
    kernels: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provisioner takes what it can fork and leaves everything else to the local one."""
    other = tmp_path / "python3"
    other.symlink_to(sys.executable)
    place = tmp_path / "kernels" / "python3"
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(
        f'{{"argv": ["{other}", "-m", "ipykernel_launcher", "-f", "{{connection_file}}"], "display_name": "other"}}'
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
    manager, client = kernels()
    assert isinstance(manager.provisioner.process, subprocess.Popen)
    assert said(client, "print(1)") == "1"


APPLICATION = """
import sys, time
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
KernelProvisionerFactory.instance().default_provisioner_name = "workbook"
manager = KernelManager(kernel_name="python3")
manager.start_kernel()
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=300)
print(manager.provisioner.pid, flush=True)
time.sleep(3600)
"""


def test_an_application_that_is_killed_takes_its_kernels_with_it(tmp_path: Path) -> None:
    """Kernel and warm process end by themselves, also when nobody could tell them to."""
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path)}
    application = subprocess.Popen(
        [sys.executable, "-c", APPLICATION], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert application.stdout is not None
    kernel = int(application.stdout.readline())
    warm = psutil.Process(kernel).ppid()
    application.kill()
    application.wait()
    assert ended(kernel)
    assert ended(warm)


def test_the_debugger_stops_at_a_breakpoint(kernels: Callable[..., Any]) -> None:
    """What JupyterLab's debugger asks of a kernel is answered, and the cell waits at the line."""
    _, client = kernels()

    def ask(number: int, command: str, **arguments: Any) -> dict[str, Any]:
        message = client.session.msg(
            "debug_request", {"type": "request", "command": command, "seq": number, "arguments": arguments}
        )
        client.control_channel.send(message)
        while True:
            reply = client.control_channel.get_msg(timeout=LONG)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                assert reply["content"]["success"], reply["content"]
                return dict(reply["content"].get("body") or {})

    ask(1, "initialize", clientID="test", adapterID="", pathFormat="path", linesStartAt1=True, columnsStartAt1=True)
    ask(2, "attach")
    place = ask(3, "dumpCell", code="a = 1\nb = 2")["sourcePath"]
    ask(4, "setBreakpoints", source={"path": place}, breakpoints=[{"line": 2}])
    ask(5, "configurationDone")
    client.execute("a = 1\nb = 2")
    events: list[str] = []
    while "stopped" not in events:
        message = client.get_iopub_msg(timeout=LONG)
        events += [message["content"].get("event", "")] if message["msg_type"] == "debug_event" else []
    ask(6, "continue", threadId=1)


def test_closing_ends_every_warm_process(kernels: Callable[..., Any]) -> None:
    """What an application does when it ends leaves nothing running."""
    manager, _ = kernels()
    kernel, warm = manager.provisioner.pid, psutil.Process(manager.provisioner.pid).ppid()
    close()
    assert ended(kernel)
    assert ended(warm)
