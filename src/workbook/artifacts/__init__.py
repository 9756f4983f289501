"""What can be copied and run? Generators by kind and dialect."""

from workbook.artifacts.base import Artifact, build, by_subject

__all__ = ["Artifact", "build", "by_subject"]
