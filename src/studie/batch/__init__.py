"""How do many run: parameters, plan, engine, executors, manifest and laws of a batch."""
