"""Text and JSON for the headless face: stdout is data, stderr is narration."""
