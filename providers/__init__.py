"""What the routes offer and how an order to any of them looks."""
