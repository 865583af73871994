"""Objects of any type of the Controller's model: their members held against the schema, and their comparison. Pure."""
