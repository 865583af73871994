"""What AKOs have left and keep on a Controller, read from it."""
