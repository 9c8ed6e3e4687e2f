"""The home: its areas, devices and state, and the services that change them."""
