"""The stage: programs of a form run, step by step, on real engines, with a clock, an outside world and faults of our own."""
