"""The practice StackStorm."""
