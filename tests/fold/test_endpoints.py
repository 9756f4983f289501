"""Every way in has a path of its own."""

from __future__ import annotations

from workbook.plan.fold.endpoints import _free

TAKEN = {("GET", "/v1/books/{}"), ("GET", "/v1/books/{}/read-book"), ("POST", "/v1/books")}


def test_a_path_is_free_whatever_its_parameters_are_called() -> None:
    """Another method leaves the path; the same with another parameter gets the operation's name, then a number from two on."""
    assert _free("DELETE", "/v1/books/{id}", "read_book", TAKEN) == "/v1/books/{id}"
    assert _free("GET", "/v1/books/{isbn}", "open_book", TAKEN) == "/v1/books/{isbn}/open-book"
    assert _free("GET", "/v1/books/{isbn}", "read_book", TAKEN) == "/v1/books/{isbn}/read-book-2"
