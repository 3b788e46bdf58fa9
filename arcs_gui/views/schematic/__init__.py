"""The schematic and the panel of the picked part."""
