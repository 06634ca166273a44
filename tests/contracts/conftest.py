import pytest
import torch


@pytest.fixture
def seeded():
    """Weights and inputs are drawn from torch's global generator."""
    torch.manual_seed(0)
