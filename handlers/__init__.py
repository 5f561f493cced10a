"""The way in: Slack payloads, alert webhooks, API requests."""
