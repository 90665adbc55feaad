"""The background service: rescans on schedule and when asked, and answers over HTTP.

    schedule, file events, signals, other commands -> queue -> one worker -> out/ -> HTTP

The main thread waits for signals and looks after everything else: the scheduler's thread, which
runs one rescan at a time; the watcher; the control socket; and HTTP, a process of its own.
"""
