"""The one error that is the user's to mend."""


class InvalidInput(ValueError):
    """Something a user gave is wrong.

    The message is one line that says what was found, what was expected and where. The command line prints it and exits
    with code 2; every other exception is a defect of ours.
    """
