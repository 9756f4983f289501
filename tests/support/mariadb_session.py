"""One connection to MariaDB, through its own client: statements go in one by one, rows come out."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from workbook.proof.servers import MariaDB

END = "end_of_what_was_said"
UNESCAPED = {"\\t": "\t", "\\n": "\n", "\\0": "\0", "\\\\": "\\"}


class Refused(Exception):
    """What the server did not take, in its words."""


class Session:
    """A client that stays open. Rows are mappings of texts; NULL is None."""

    def __init__(self, client: subprocess.Popen[bytes]) -> None:
        self._client = client

    def ask(self, sql: str) -> list[dict[str, str | None]]:
        """Send one statement. Raises Refused."""
        assert self._client.stdin is not None
        assert self._client.stdout is not None
        self._client.stdin.write(f"{sql}\nSELECT '{END}' AS {END};\n".encode())
        self._client.stdin.flush()
        lines = []
        while (line := self._client.stdout.readline()).strip() != END.encode():
            if not line:
                raise Refused("the client has ended")
            lines.append(line.decode(errors="replace").rstrip("\n"))
        assert self._client.stdout.readline().strip() == END.encode()
        wrong = [one for one in lines if one.startswith("ERROR ")]
        if wrong:
            raise Refused(wrong[0])
        names = lines[0].split("\t") if lines else []
        return [dict(zip(names, map(_value, one.split("\t")), strict=True)) for one in lines[1:]]


def _value(said: str) -> str | None:
    if said == "NULL":
        return None
    made, rest = "", said
    while rest:
        pair = UNESCAPED.get(rest[:2])
        made, rest = made + (pair or rest[0]), rest[2 if pair else 1 :]
    return made


@contextmanager
def session(server: MariaDB, database: str) -> Iterator[Session]:
    """A connection to a database, ended afterwards."""
    command = [*server.command(database), "--unbuffered", "--force"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as client:
        try:
            yield Session(client)
        finally:
            assert client.stdin is not None
            client.stdin.close()
            try:
                client.wait(20)
            except subprocess.TimeoutExpired:
                client.kill()
