"""`python -m feedpub`: the same as the `feedpub` command."""

from feedpub.cli import main

if __name__ == "__main__":  # not in the processes that share the work of this one
    main()
