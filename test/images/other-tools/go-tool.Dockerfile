# A migration tool that is one program, for the tests: `tool` in the build context.
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian12:nonroot
FROM ${RUNTIME_IMAGE}
COPY tool /usr/local/bin/tool
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/tool"]
