"""What browsers are told that pages may load (B3): in the pages, and by whoever serves them."""

PAGE_POLICY = (
    "default-src 'none'; img-src http: https: data:; style-src 'self'; script-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
"""Pictures from anywhere, and style and script of out/ alone; links may lead anywhere."""
