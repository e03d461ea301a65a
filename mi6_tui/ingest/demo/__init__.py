"""A believable fleet on a clock, without a single agent: for the demo, the pictures and first steps.

What it does goes through `Storage.record` like anything else, so every status and every sum is the program's
own judgement. The same seed, beginning and machine give the same news, byte for byte.
"""

from mi6_tui.ingest.demo.script import Demo, fill_demo

__all__ = ["Demo", "fill_demo"]
