"""The reference's named services, and what use-cases share: wishes read, capacity taken, answers shown and told."""
