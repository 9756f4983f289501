"""What can be copied and run? Generators by kind and dialect."""

from workbook.artifacts.base import Artifact, build, build_kind, by_subject, kinds

__all__ = ["Artifact", "build", "build_kind", "by_subject", "kinds"]
