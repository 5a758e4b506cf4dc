"""Kafka: one factory for every subscriber and producer, reading, offsets, replies, dead letters, topics."""
