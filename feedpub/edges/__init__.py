"""What touches the world: files, SQLite, locks. Edges know neither the config nor each other."""
