"""The process: settings, clock, wiring, scheduler, command line."""
