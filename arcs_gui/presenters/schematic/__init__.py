"""The schematic and the part that is picked in it, without Qt."""
