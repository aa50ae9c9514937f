"""Static files with their hash in the name, ES module imports included, so that browsers may keep them for good."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class ManifestStorage(ManifestStaticFilesStorage):
    """Also rewrites `import ... from "./x.js"`, which Django leaves alone unless asked."""

    support_js_module_import_aggregation = True
