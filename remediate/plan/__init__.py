"""Plans: from the drifts that checks found to ordered requests, with whom each would hit, and to what is left alone."""
