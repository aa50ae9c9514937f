"""What can be wrong with a file of a chip or of a trust store; `code` is stable, the words are Vietnamese."""


class ChipError(ValueError):
    """Root of every error that this package raises for what a file holds."""

    code = "bad_file"


class EncodingError(ChipError):
    """Not BER or DER within the limits: cut off, too deep, too large, or bytes left over."""

    code = "bad_encoding"


class DataGroupError(ChipError):
    """A file of the chip that is no data group of its kind."""

    code = "bad_data_group"


class CertificateError(ChipError):
    code = "bad_certificate"


class KeyNotUsableError(ChipError):
    """A public key of an unknown kind, of another curve than those listed, or outside the limits."""

    code = "key_not_usable"


class AlgorithmNotUsableError(ChipError):
    code = "algorithm_not_usable"


class SignatureMismatchError(ChipError):
    """The signature was not made by this key over these bytes."""

    code = "bad_signature"


class SignedDataError(ChipError):
    """Not the CMS SignedData that a SOD or a master list has to be."""

    code = "bad_signed_data"


class RevocationListError(ChipError):
    code = "bad_crl"
