"""Start the process of the front; only `Front.start` does."""

from feedpub.edges.front.child import main

main()
