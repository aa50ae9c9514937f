"""Forms from elsewhere: a blank Excel form tied to figures once and filled for any period."""
