"""What earlier runs found out, in `.flask_gotchas_cache/`.

Everything there may be lost, damaged or somebody else's: what cannot be read or does not fit counts
as not there. It is data that is checked while it is read, never code.
"""
