"""Random sites: `python -m benchmarks.random_sites` declares, damages and puts right sites of many clouds and tenants.

Each site has two to four clouds of different types, two to four tenants, and a few names that stand for many objects.
It is made through the Controller's own API and declared in a file; both come from one table of facts (`facts`) that is
kept without the product's help. Then facts are changed at random, references among them pointed at other objects of
the same name. The table tells which declared facts must drift, and no others may. After remediation every member that
was not declared is what it was, and a second plan is empty.
"""
