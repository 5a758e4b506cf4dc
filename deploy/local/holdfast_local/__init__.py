"""The Holdfast stack on one machine without Docker: PostgreSQL, Kafka, five services, seed and demo."""
