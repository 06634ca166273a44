from search.settings import Settings


def test_everything_lies_in_the_home_folder(home):
    """Where nothing else is said."""
    settings = Settings.resolve()
    assert settings.home == home
    assert settings.storage == f"sqlite:///{home}/penchant.db"
    assert settings.tracking_uri == f"sqlite:///{home}/mlflow.db"
    assert settings.checkpoints == f"{home}/checkpoints"


def test_the_environment_names_other_places(home, monkeypatch):
    """Each by its own variable; what is given counts more."""
    monkeypatch.setenv("PENCHANT_STORAGE", "sqlite:///other.db")
    monkeypatch.setenv("PENCHANT_TRACKING_URI", "http://mlflow:5000")
    monkeypatch.setenv("PENCHANT_CHECKPOINTS", "s3://bucket/folder")
    assert Settings.resolve() == Settings(home, "sqlite:///other.db", "http://mlflow:5000", "s3://bucket/folder")
    assert Settings.resolve("sqlite:///given.db").storage == "sqlite:///given.db"
