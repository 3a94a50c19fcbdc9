# syntax=docker/dockerfile:1
# Gavel's image: the first stage builds everything, and the second contains only the binary and the site.
#
#   docker build -t gavel .

FROM rust:1.95-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# Build tools first, because they change less often than the code.
COPY scripts scripts
COPY end2end/package.json end2end/package-lock.json end2end/
RUN --mount=type=cache,id=gavel-npm,target=/root/.npm scripts/setup.sh build
COPY . .
# The caches hold the compiled dependencies, so that a code change recompiles only the code.
RUN --mount=type=cache,id=gavel-crates,target=/usr/local/cargo/registry \
    --mount=type=cache,id=gavel-target,target=/src/target \
    --mount=type=cache,id=gavel-tools,target=/src/.gavel/tools \
    scripts/build.sh \
    && mkdir /out \
    && cp target/release/gavel /out/gavel \
    && cp -r target/site /out/site \
    && strip /out/gavel

FROM debian:bookworm-slim
COPY --from=build /out/gavel /usr/local/bin/gavel
COPY --from=build /out/site /srv/gavel/site
ENV HOST=0.0.0.0 PORT=3000 GAVEL_ENV=production GAVEL_SITE_ROOT=/srv/gavel/site LOG_FORMAT=json
# It writes no files, so the root file system may be read-only.
USER 10001:10001
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/$PORT && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && grep -q ' 200 ' <&3"]
ENTRYPOINT ["gavel"]
CMD ["serve"]
