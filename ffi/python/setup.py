"""The wheel's name: the library is for one platform, and for any Python."""

import os

from setuptools import Distribution, setup

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # before setuptools 70
    from wheel.bdist_wheel import bdist_wheel


class AnyPython(bdist_wheel):
    """Loaded by ctypes: no Python's own binary interface is used."""

    def get_tag(self):
        return "py3", "none", super().get_tag()[2]


class WithLibrary(Distribution):
    """Holds a library, so that the wheel is for one platform."""

    def has_ext_modules(self):
        return True


setup(version=os.environ["LINLI_VERSION"], cmdclass={"bdist_wheel": AnyPython}, distclass=WithLibrary)
