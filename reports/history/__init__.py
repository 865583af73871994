"""What every check said in every run: one SQLite file an environment, kept beside its reports."""
