"""`python -m soc …` from the checkout."""

from soc.cli import main

if __name__ == "__main__":
    main()
