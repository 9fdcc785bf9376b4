"""Every pattern at once over a block: compiled and kept, asked of plain and of decoded bytes, and where each may match."""
