"""How much is asked of it? Traffic, storage, bandwidth, working set, deliveries and connections: formulas, no technology."""

from workbook.plan.demand.results import Demand, Value, demand

__all__ = ["Demand", "Value", "demand"]
