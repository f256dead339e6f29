"""What a queue holds beside its settings: who takes its calls, and which numbers lead to it."""
