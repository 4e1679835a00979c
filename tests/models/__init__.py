"""What a user holds: good input is kept, bad input is refused before anything is sent."""
