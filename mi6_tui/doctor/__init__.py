"""Whether everything works: facts that are gathered without changing anything, and a judgement on each."""
