"""Sound in and out: files, microphone, samples."""
