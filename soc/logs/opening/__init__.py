"""Bytes become text and blocks of whole records: decoding, compression, where records end."""
