"""The two pipelines that serve all routes, and what they are made of."""
