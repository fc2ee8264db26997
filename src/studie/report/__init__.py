"""How executed notebooks become one accessible PDF that a deputation can read."""
