"""The cards Hachi keeps in Slack: pure functions of an incident's records."""
