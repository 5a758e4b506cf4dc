"""The pipelines that serve all routes, one for each kind of route, and what they are made of."""
