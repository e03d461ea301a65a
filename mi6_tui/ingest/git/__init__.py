"""Where sessions work: what the files of a working copy say, without running git for it."""
