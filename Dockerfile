# The HTTP service. `docker build -t noisefilter .`; docs/docker.md says how to run it.
# tools/check_dockerfile.py runs these very steps without Docker: keep them plain.

FROM python:3.13-slim AS build
# pip builds the package in an environment of its own, which needs the second variable since pip 25.3.
ENV PIP_CONSTRAINT=/src/constraints.txt \
    PIP_BUILD_CONSTRAINT=/src/constraints.txt \
    PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv /opt/noisefilter
COPY constraints.txt LICENSE pyproject.toml README.md ./
COPY noisefilter ./noisefilter
RUN /opt/noisefilter/bin/pip install --no-cache-dir '.[compression,service]'
# The model is inside and whole, or there is no image.
RUN /opt/noisefilter/bin/noisefilter model info

FROM python:3.13-slim
LABEL org.opencontainers.image.title="noisefilter" \
      org.opencontainers.image.description="Turns scraped web pages into clean articles" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/noisefilter /opt/noisefilter
ENV PATH=/opt/noisefilter/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    NOISEFILTER_HOST=0.0.0.0 \
    NOISEFILTER_PORT=8000
# A number, so that orchestrators can see that it is not root. It owns nothing.
USER 10001:10001
WORKDIR /tmp
EXPOSE 8000
# Not urllib, which would ask a proxy that the environment names.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['NOISEFILTER_PORT']), timeout=4); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
CMD ["noisefilter", "serve"]
