"""Small widgets that know nothing of converters."""
