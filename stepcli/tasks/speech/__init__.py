"""Speech synthesis of any length: requests, prefetching, batches."""
