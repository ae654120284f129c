-- How long a file plays by its own index, beside what the platform says of the recording.
ALTER TABLE artifacts ADD COLUMN play_ms BIGINT;
