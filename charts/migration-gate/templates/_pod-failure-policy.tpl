{{/* Which exit codes of `migrate` end the Job at once. Immutable, so part of the identity. */}}
{{- define "migration-gate.v1.podFailurePolicy" -}}
rules:
  {{- with include "migration-gate.v1.permanentExitCodes" . | fromJsonArray }}
  - action: FailJob
    onExitCodes:
      containerName: migrate
      operator: In
      values:
        {{- range . }}
        - {{ int . }}
        {{- end }}
  {{- end }}
  - action: Ignore
    onPodConditions:
      - type: DisruptionTarget
        status: "True"
{{- end -}}
