"""What can be built: inductive biases as choices, architectures made of them, and the networks they describe."""

from spaces.architecture import Architecture
from spaces.errors import InvalidInput
from spaces.landmarks import LANDMARKS, landmark, natural_landmarks
from spaces.search_space import SearchSpace
from spaces.shapes import Grid, Task

__all__ = ["LANDMARKS", "Architecture", "Grid", "InvalidInput", "SearchSpace", "Task", "landmark", "natural_landmarks"]
