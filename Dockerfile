# One image a surface: docker build --build-arg SURFACE=public (or sources, or staff, which also runs migrations and the
# workers). The first two contain no staff code: missing code cannot be attacked.
#
# The base image is named by its digest, which you supply: --build-arg PYTHON_DIGEST=sha256:... Without it the reference
# is invalid and the build ends. docs/guides/deploy-containers.md says how to find it.
ARG PYTHON_DIGEST

FROM python:3.13-slim-trixie@${PYTHON_DIGEST} AS build
ARG SURFACE=staff
ENV PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
# The archive of a release has the packages in wheels/, and nothing is fetched; a clone has none (hence the pattern).
COPY requirements.txt wheel[s] /packages/
# Only packages in the lock, only with their hash, only wheels: there is no compiler here either.
RUN python -m venv --without-pip /venv \
    && if ls /packages/*.whl >/dev/null 2>&1; then export PIP_NO_INDEX=1 PIP_FIND_LINKS=/packages; fi \
    && pip --python /venv/bin/python install --no-cache-dir --require-hashes --only-binary :all: \
        -r /packages/requirements.txt
COPY . ./
RUN deploy/keep "$SURFACE"
# Compiled here because the running container is read-only. Settings need a key and a database name.
RUN /venv/bin/python -m portal_site.messages \
    && SURFACE="$SURFACE" STATIC_ROOT=/app/collected DATABASE_URL=postgres:///unused \
        SECRET_KEY=used-while-the-image-is-built-and-never-to-sign-anything \
        /venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
    && /venv/bin/python -m compileall -q /app

FROM python:3.13-slim-trixie@${PYTHON_DIGEST}
ARG SURFACE=staff
RUN groupadd --gid 10001 portals \
    && useradd --uid 10001 --gid portals --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin portals \
    && install -d -o portals -g portals -m 700 /keyring /keyring/public /anchors \
    && if [ "$SURFACE" = staff ]; then install -d -o portals -g portals -m 700 /keyring/private; fi \
    && pip uninstall --yes --quiet --root-user-action ignore pip
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SURFACE=$SURFACE \
    KEYRING=/keyring \
    STATIC_ROOT=/app/collected
USER 10001:10001
EXPOSE 8000
# Uses the first of the site's host names, as a visitor would.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s CMD ["python", "-c", "import os, urllib.request as u; \
host = os.environ.get('ALLOWED_HOSTS', 'localhost').split(',')[0].lstrip('.'); \
u.urlopen(u.Request('http://127.0.0.1:8000/health/live/', headers={'Host': host}), timeout=4)"]
# More workers: WEB_CONCURRENCY=4. No access log, no control socket, nothing on disk.
CMD ["gunicorn", "--config", "deploy/gunicorn.py", "--bind", "0.0.0.0:8000"]
