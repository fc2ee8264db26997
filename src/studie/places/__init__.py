"""Where the offer falls short: need, access, the five faces of a blind spot, and who could fill it."""
