# genservice on the CPU, as a user without rights.
# Dependencies and code are layers of their own, so that a change of code moves little.

FROM python:3.11-slim AS dependencies
# Address of a further package index with CPU builds of torch; empty means pip's own alone.
ARG TORCH_INDEX=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
RUN python -m venv /opt/dependencies
COPY pyproject.toml constraints.txt ./
RUN python -c "import tomllib; project = tomllib.load(open('pyproject.toml', 'rb'))['project']; print('\n'.join(sum((project['optional-dependencies'][extra] for extra in ('postgresql', 'valkey')), project['dependencies'])))" > requirements.txt \
    && /opt/dependencies/bin/python -m pip install --constraint constraints.txt \
        ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} --requirement requirements.txt

FROM dependencies AS code
RUN python -m pip install --constraint constraints.txt hatchling
COPY README.md LICENSE ./
COPY prompts prompts
COPY policies policies
COPY catalogue catalogue
COPY genservice genservice
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir wheels . \
    && /opt/dependencies/bin/python -m pip install --no-deps --target /opt/genservice wheels/*.whl

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/genservice --create-home genservice \
    && install -d -o genservice -g genservice /var/lib/genservice/data \
    && install -d -m 700 -o genservice -g genservice /var/lib/genservice/keystore
COPY --from=dependencies /opt/dependencies /opt/dependencies
COPY --from=code /opt/genservice /opt/genservice
ENV PATH=/opt/genservice/bin:/opt/dependencies/bin:$PATH \
    PYTHONPATH=/opt/genservice \
    PYTHONUNBUFFERED=1 \
    HF_HUB_OFFLINE=1 \
    TRANSFORMERS_OFFLINE=1 \
    TOKENIZERS_PARALLELISM=false \
    GENSERVICE_HOST=0.0.0.0 \
    GENSERVICE_PORT=8765 \
    GENSERVICE_DATA=/var/lib/genservice/data \
    GENSERVICE_KEYSTORE=/var/lib/genservice/keystore
USER genservice
WORKDIR /var/lib/genservice
VOLUME ["/var/lib/genservice/data", "/var/lib/genservice/keystore"]
EXPOSE 8765
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['GENSERVICE_PORT'] + '/health/ready', timeout=4)"]
CMD ["genservice", "serve"]
