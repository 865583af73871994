"""The run as Allure results: one file a check, written by us from the test reports.

allure-pytest's own listener writes a container file for every parametrised test and searches a list twice a test for
every session fixture; with `--alluredir` it is therefore replaced, and its options keep their meaning.
"""
