"""What happens when the world fails: disks, permissions, clocks, locks, and stores that broke."""
