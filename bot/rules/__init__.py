"""The pure core: the field's words and rules; no Slack, no SQL, no clock."""
