"""The waveform viewer."""
