"""How right the log path is: its verdicts, fields, times, incidents and templates against logs whose truth is known.

    .venv/bin/python -m benchmarks.accuracy [--logs ../shared/logs] [--only logins fields] [--write docs/accuracy.md]

It prints a table. Each figure stands twice: over the products that one may look at while tuning, and over those that are
held back (a third, chosen by a hash of the product's name, never by line). When the two part, stop tuning.
Nothing of these logs is shipped; what is printed are sums.
"""
