"""What the code believes about AWS, as tests that can be replayed in an account."""
