"""The waveform viewer, without Qt."""
