"""Tests that a sanitized build leaves out, or takes easier. contrib/test runs every test against such
a build, and then, with SANKOFA_PLAIN_ONLY=1, of the plain one these alone: limits of memory, what is
loaded before a program, what lies in its memory."""

import os
import unittest

from daemon import IS_SANITIZED

MARK = "_is_of_plain_build"


def shows_more(test):
    """A test that asks more of a plain build."""
    setattr(test, MARK, True)
    return test


def shows_alone(why):
    """A test, or a class of them, for a plain build alone."""
    return lambda test: shows_more(unittest.skipIf(IS_SANITIZED, why)(test))


class Loader(unittest.TestLoader):
    def getTestCaseNames(self, testCaseClass):  # pylint: disable=invalid-name
        names = super().getTestCaseNames(testCaseClass)
        if os.environ.get("SANKOFA_PLAIN_ONLY") != "1" or hasattr(testCaseClass, MARK):
            return names
        return [name for name in names if hasattr(getattr(testCaseClass, name), MARK)]


def main(**options):
    """unittest.main() of such a file; without any test it fails."""
    program = unittest.main(testLoader=Loader(), exit=False, **options)
    raise SystemExit(0 if program.result.wasSuccessful() and program.result.testsRun > 0 else 1)
