"""The unit of work: a batch of messages, decided in memory, written in one transaction [design/walk.md]."""
