"""The definitions: kernels, boundaries, conventions of coordinates and dtypes, each one record.

Nothing else lists them: names, refusals, the support table and the tests' parameters come from the registries here, and
the compiled core says for itself which of them it has.
"""
