"""How is it run? Service levels, scaling, recovery, signals, runbooks: values, read off the form and the sizing."""
