# The image that GitLab's jobs run in: slipway, git, and a shell, without an entry point of its own.
#   docker build -t REGISTRY/slipway:0.1.0 .
FROM swift:6.2-bookworm AS build
WORKDIR /source
COPY . .
RUN scripts/build-release.sh /release

FROM debian:12-slim
# What a checkout and HTTPS need; slipway itself needs no library. Their versions are those of the distribution's
# release, which gets security updates only.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates git \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /release/bin/slipway /usr/local/bin/slipway
# gitlab-runner's helper clones as root, and git refuses the repositories of others.
RUN slipway --version
CMD ["/bin/sh"]
