"""The background service: rescans on schedule and when asked, and an HTTP front for the feeds.

    schedule, file events, signals, other commands -> queue -> one worker -> out/ -> the front

The main thread waits for signals and looks after everything else: the scheduler's thread, which
runs one rescan at a time; the watcher; the control socket; and the front, a process of its own.
"""
