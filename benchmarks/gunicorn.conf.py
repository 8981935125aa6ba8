"""The server's settings for the targets that bring none; Lockstep brings its own.

What counts is the same for all and given on the command line (benchmarks/sites.py).
"""

preload_app = True
accesslog = None
control_socket_disable = True
loglevel = "warning"
