"""What every process on the bus is: settings, link, outbox and inbox, health, and how it starts and stops."""
