"""Shapes that cross a border (msgspec): what comes in is checked to the field, what goes out shows what it must."""
