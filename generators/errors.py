"""What a generator cannot go on with: each error names the file, the row and what is allowed there."""


class GeneratorError(Exception):
    """Nothing was written; the message says what to correct.

    GeneratorError
    ├── TableError   a row of a table is not what its columns allow
    ├── RegionError  a file has not the markers of the region to be generated
    └── PlanError    the templates do not go together with parameters
    """


class TableError(GeneratorError):
    """A table cannot be understood; correct the row."""


class RegionError(GeneratorError):
    """A file lacks the two markers of a region, or has them twice."""


class PlanError(GeneratorError):
    """CloudFormation could not make of the templates and parameters what was asked for."""
