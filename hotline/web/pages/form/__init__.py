"""Forms: which moves a reader may make now, what each asks, what the rules say of it, and each sent once."""
