"""What can be wrong with a document; the words are Vietnamese and say what to do."""


class DocumentError(ValueError):
    """Root of every error of this package."""


class ControlError(DocumentError):
    """A content control that Word would refuse or renumber: a fault of the program, not of the person."""


class DocumentTooLargeError(DocumentError):
    pass


class NotADocumentError(DocumentError):
    """Some other file under the name of a Word file."""


class DamagedDocumentError(DocumentError):
    pass
