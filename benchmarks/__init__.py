"""What a run costs at the scale of the largest Controller, beside the least that it could cost."""
