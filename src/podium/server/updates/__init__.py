"""Making a competition what a new version of its bundle says, without losing what people sent and what it scored."""
