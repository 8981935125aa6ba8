# Read by the `flask` command, and by nothing else: gunicorn never sees it, so debug stays at home.
FLASK_APP=wsgi.py
FLASK_DEBUG=1
