"""The desk that gates, clinics, hotels and one-stop shops share: devices, what they send, and the pages about them. See README.md."""
