# Read by the `flask` command, for development. gunicorn does not read it.
FLASK_APP=wsgi.py
FLASK_DEBUG=1
