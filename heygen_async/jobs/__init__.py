"""Jobs: submitted, watched by one poller, awaited."""
