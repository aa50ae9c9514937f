"""The pages of the monthly cycle, one module per screen: parse, one call, named error to form error, render."""
