"""The language server, which shows reports in an editor while code is written.

It stands on pygls, which only the extra `lsp` installs, so nothing else of the tool imports it.
"""
