"""What is built? Services, stores, tables, topics, caches, endpoints, flows, components."""

from workbook.plan.design.build import design
from workbook.plan.design.model import Design

__all__ = ["Design", "design"]
