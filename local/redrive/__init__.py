"""`make redrive`: invokes functions again with what their dead-letter queues hold, here or on AWS."""
