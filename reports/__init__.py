"""What people and machines are told of a run: failure texts, summary, Allure, history, formats, messages.

Reads only what is on the test reports (`report.check_result`), the options, and the declaration.
"""
