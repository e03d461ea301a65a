"""What can be done to a session from outside: go to its terminal, open one beside it, resume it, end it."""
