"""The errors that are the user's to mend, or those of whoever runs a service that the user named."""


class InvalidInput(ValueError):
    """Something a user gave is wrong.

    The message is one line that says what was found, what was expected and where. The command line prints it and exits
    with code 2; every other exception is a defect of ours.
    """


class Unavailable(InvalidInput):
    """A service or a folder that a user named is not there, and may be there later."""
