"""A Slack workspace on localhost, to try a Slack app out and to test it."""
