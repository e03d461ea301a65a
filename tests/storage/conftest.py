import pytest

# Else a failing assertion of the suite would say nothing of the values it compared.
pytest.register_assert_rewrite("mi6_tui.storage.conformance")
