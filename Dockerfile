# The page and the web API, of the law alone: docker build -t openfisca-cej . && docker run -p 5000:5000 openfisca-cej
FROM python:3.13-slim AS built
COPY . /source
RUN python -m venv /cej && /cej/bin/pip install --no-cache-dir /source

FROM python:3.13-slim
COPY --from=built /cej /cej
# Nothing is written but the files by which workers show that they are alive.
RUN useradd --system --no-create-home --shell /usr/sbin/nologin cej
USER cej
ENV PYTHONDONTWRITEBYTECODE=1
EXPOSE 5000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["/cej/bin/python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:5000/cej/health', timeout=4)"]
# Address of the service as clients know it: -e OPENFISCA_CEJ_ADDRESS=https://cej.example.org
CMD ["/cej/bin/openfisca-cej", "serve", "--host", "0.0.0.0", "--port", "5000", "--worker-tmp-dir", "/dev/shm"]
