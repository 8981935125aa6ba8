# syntax=docker/dockerfile:1
# The site in an image: built in one stage, run in another without compilers, caches or root.
# Pin the base by digest: docker build --build-arg PYTHON=python:3.13-slim-bookworm@sha256:… .
ARG PYTHON=python:3.13-slim-bookworm

FROM ${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
# Only the lock file, so that this layer is cached until a dependency changes. With an extra: EXTRA=-NAME.
ARG EXTRA=
COPY requirements${EXTRA}.txt /requirements.txt
RUN /venv/bin/pip install --require-hashes --only-binary :all: -r /requirements.txt
COPY . /site
RUN /venv/bin/python -m compileall -q /site/app /site/migrations

FROM ${PYTHON}
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin lockstep
COPY --from=build /venv /venv
# Owned by root: the site cannot change its own code.
COPY --from=build /site /site
WORKDIR /site
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    FLASK_DEBUG=0 \
    PORT=8000
USER 10001
EXPOSE 8000
# gunicorn finishes current requests: allow more than its graceful_timeout of 25 s.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', headers={'Host': os.environ.get('HEALTH_HOST', 'localhost')}), timeout=2)"]
CMD ["gunicorn"]
