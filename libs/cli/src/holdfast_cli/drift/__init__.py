"""What is generated, and whether the repository has it as it would be generated now."""
