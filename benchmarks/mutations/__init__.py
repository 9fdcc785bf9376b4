"""Breaks the product in a copy, one small change at a time, and asks the tests whether they notice.

    make mutations                                     300 mutants over all packages, a seed that is printed
    make mutations PACKAGES="sla tickets" COUNT=60 SEED=7

cosmic-ray's operators make the mutants; they are drawn with a seed, so that a run can be repeated. Each is tried in
a copy of the tree, never in the checkout, with the tests that run the changed line (known from one run with
coverage), nearest first, until one fails. Not a test: it prints, and takes minutes to an hour.
"""
