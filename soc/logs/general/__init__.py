"""Reads what no format knows: pairs of a key and a value (JSON, key=value, CEF, columns), by the words of their keys.

A key is cut into words (`words`), a lexicon says which words make which ECS field and how well (`lexicon`), each shape of
record is ranked once (`plans`), and a value that cannot be lets the next candidate have its turn (`typed`).
"""
