"""The spec panel."""
