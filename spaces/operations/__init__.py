"""Operations: one token mixer a file, each registered under its field-standard name."""

from spaces.operations.operation import OPERATIONS, Operation

__all__ = ["OPERATIONS", "Operation"]
