"""Did its engine accept it? Starts servers and takes seconds, so it is asked for by name and never by `derive`."""

from workbook.proof.model import Check, Verification, as_proofs
from workbook.proof.verify import verify

__all__ = ["Check", "Verification", "as_proofs", "verify"]
