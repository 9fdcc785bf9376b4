"""A small model that names the class of messages which nothing else explains, or says that they have none.

Multinomial logistic regression over words and letters of templates, trained on texts that the project wrote
(`training/`), calibrated. It is imported where a block has such a message, and nowhere else.
"""
