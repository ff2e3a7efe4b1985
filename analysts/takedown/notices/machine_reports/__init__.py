"""Machine-readable reports (XARF) that go with a letter to recipients who take them."""
