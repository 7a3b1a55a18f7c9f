"""The model of presence: states, evidence, rules and changes. Standard library only; time is an argument."""
