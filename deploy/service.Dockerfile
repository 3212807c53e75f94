# One file, three images: docker build -f deploy/service.Dockerfile --build-arg SERVICE=referral -t circlework/referral .
# Each holds one service, its own dependencies at their hashed pins, and nothing of the others.
ARG BASE=python:3.11-slim

FROM ${BASE} AS build
ARG SERVICE
ENV SOURCE_DATE_EPOCH=0 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY requirements requirements
COPY shared shared
COPY services services
RUN if [ -z "${SERVICE}" ] || [ ! -d "services/${SERVICE}" ]; then \
      echo "SERVICE='${SERVICE}' is no service: say --build-arg SERVICE= with one of: $(ls services | tr '\n' ' ')" >&2; exit 1; fi
RUN python -m venv /opt/circlework \
 && /opt/circlework/bin/pip install -q --no-compile --require-hashes -r "requirements/${SERVICE}.txt" \
 && if [ -f "requirements/${SERVICE}-assets.txt" ]; then \
      /opt/circlework/bin/pip install -q --no-compile --no-deps --require-hashes -r "requirements/${SERVICE}-assets.txt"; fi \
 && python -m venv /opt/build && /opt/build/bin/pip install -q --require-hashes -r requirements/build.txt
RUN /opt/build/bin/pip wheel -q --no-deps --no-build-isolation -w /wheels ./shared "./services/${SERVICE}" \
 && /opt/circlework/bin/pip install -q --no-compile --no-deps --no-index /wheels/*.whl \
 && /opt/circlework/bin/pip uninstall -q -y pip setuptools \
 && python -m compileall -q --invalidation-mode unchecked-hash /opt/circlework/lib

FROM ${BASE}
ARG SERVICE
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="circlework-${SERVICE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.description="Circlework: the ${SERVICE} service; each of its processes is a container"
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin circlework \
 && install -d -o circlework /run/circlework
COPY --from=build /opt/circlework /opt/circlework
COPY deploy/gunicorn.conf.py deploy/healthy.py deploy/start.sh /etc/circlework/
COPY deploy/hubs.toml /etc/circlework/hubs.toml
ENV SERVICE=${SERVICE} PATH=/opt/circlework/bin:/usr/local/bin:/usr/bin:/bin PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    GUNICORN_CONF=/etc/circlework/gunicorn.conf.py HUBS_FILE=/etc/circlework/hubs.toml BEAT_FILE=/run/circlework/beat \
    PORT=8000 WORKER_TMP_DIR=/run/circlework
USER circlework
WORKDIR /run/circlework
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=6 CMD ["python", "-S", "/etc/circlework/healthy.py"]
ENTRYPOINT ["/bin/sh", "/etc/circlework/start.sh"]
CMD ["api"]
