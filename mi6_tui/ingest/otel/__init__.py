"""The clients' telemetry by OTLP over HTTP, kept as a witness. Loaded only when it is asked for."""
