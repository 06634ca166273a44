# One image, several entry points: the commands stand in docker-compose.yml.
FROM python:3.11-slim

# CPU wheels; --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu130 for CUDA.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu

WORKDIR /app
COPY pyproject.toml constraints.txt README.md ./
RUN pip install --no-cache-dir --index-url "$TORCH_INDEX" torch==2.13.0
COPY spaces spaces
COPY workers workers
COPY search search
RUN pip install --no-cache-dir --constraint constraints.txt .

RUN useradd --create-home penchant && mkdir /penchant && chown penchant /penchant
USER penchant
ENV PENCHANT_HOME=/penchant
CMD ["penchant", "--help"]
