"""What the program costs, measured beside what it cannot beat and whom it wants to."""
