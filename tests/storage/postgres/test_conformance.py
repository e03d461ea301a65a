from mi6_tui.storage.conformance import StorageConformance


class TestPostgresStorage(StorageConformance):
    """The `storage` fixture is that of this folder."""
