"""The settings of gunicorn for the targets that have none; Lockstep has its own.

The number of workers and the worker class are the same for all targets and are given on the
command line (benchmarks/sites.py).
"""

preload_app = True
accesslog = None
control_socket_disable = True
loglevel = "warning"
