"""The shell of Framehouse: settings, addresses, commands and base pages."""
