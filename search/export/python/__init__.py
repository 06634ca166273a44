"""Python: the files beside an exported model, as text: data.py, train.py, predict.py and README.md."""
