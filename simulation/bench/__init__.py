"""Measures the desk beside floors of the same run; never a part of the tests."""
