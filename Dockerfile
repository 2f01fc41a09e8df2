# aaroc-bot in a container; docs/operating.md says what to mount and set.

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/aaroc-bot
COPY requirements.txt ./
RUN /opt/aaroc-bot/bin/pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY migrations ./migrations
COPY playbooks ./playbooks
COPY handlers ./handlers
COPY aaroc_bot ./aaroc_bot
RUN /opt/aaroc-bot/bin/python -m hatchling build -t wheel -d /wheel \
    && /opt/aaroc-bot/bin/pip install --no-cache-dir --disable-pip-version-check \
        --no-deps --no-index /wheel/*.whl

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        git openssh-client tini tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /var/lib/aaroc-bot aaroc-bot
COPY --from=build /opt/aaroc-bot /opt/aaroc-bot
ENV PATH=/opt/aaroc-bot/bin:$PATH AAROC_STATE_DIR=/var/lib/aaroc-bot/state
USER aaroc-bot
WORKDIR /var/lib/aaroc-bot
VOLUME /var/lib/aaroc-bot
HEALTHCHECK --start-period=30s CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('AAROC_WEB__PORT', '8080') + '/healthz', timeout=4)"]
ENTRYPOINT ["tini", "--", "aaroc-bot"]
CMD ["run"]
