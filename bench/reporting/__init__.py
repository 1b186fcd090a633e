"""What bench/report is made of."""
