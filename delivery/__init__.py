"""The way out: makes Slack, mail, status page and webhooks match."""
