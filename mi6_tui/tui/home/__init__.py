"""The parts of the home screen, each on top of the one before: frame, arrangement, marks."""
