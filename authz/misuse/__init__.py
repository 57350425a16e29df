"""What in the use of the service a person should look at: requests, feeds and versioned rules in, signals out."""
