"""What presence is: states, evidence, rules and changes. Standard library only; time is an argument."""
