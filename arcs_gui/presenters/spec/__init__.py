"""The spec panel and the proposals that it starts, without Qt."""
