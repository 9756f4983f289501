"""The web app's visitors: every open page has a kernel, which ends with the page; there are only so many at a time."""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError
from traitlets import Int

MOST = 40
"""Kernels at a time: about 50 MB each, 2 GB in all (measured on the examples)."""
UNAVAILABLE = 503


class VisitorKernels(AsyncMappingKernelManager):
    """Kernels for pages, so many and no more: whoever comes later is told so, instead of slowing down everybody."""

    most = Int(MOST, config=True, help="How many pages may be open at a time.")
    _beginning = 0

    async def start_kernel(self, **given: Any) -> str:  # type: ignore[override]
        """Start a kernel, if there is room for one. Raises HTTPError, which the page `503.html` explains."""
        if len(self.list_kernel_ids()) + self._beginning >= self.most:
            raise HTTPError(UNAVAILABLE, "There are %d pages open, as many as may be", self.most)
        self._beginning += 1
        try:
            return str(await super().start_kernel(**given))
        finally:
            self._beginning -= 1


def give_token(handler: Any, **_: Any) -> None:
    """Set the cookie with which a page that is closed may end its kernel. Called before each page is made."""
    _ = handler.xsrf_token
