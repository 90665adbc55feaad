"""Pure rules: what an item is, how it is identified, which feed it is in. No clock, disk or network."""
