"""Generated sites: a Controller's export for the lab, and the environment file that declares what is in it.

`python -m benchmarks.sites large FOLDER` writes `site.json` (for `python -m lab --import`) and `large.yaml`.
"""
