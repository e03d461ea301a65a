"""The dashboard. The only place that knows Textual."""
