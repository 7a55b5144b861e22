{{/* Which exit codes of `migrate` end the Job at once. Immutable, so part of the identity. Kubernetes wants them sorted. */}}
{{- define "migration-gate.v1.podFailurePolicy" -}}
{{- $permanent := list -}}
{{- range .Values.migrate.permanentExitCodes }}{{ $permanent = append $permanent (int .) }}{{ end -}}
rules:
  {{- if $permanent }}
  - action: FailJob
    onExitCodes:
      containerName: migrate
      operator: In
      values:
        {{- range untilStep 1 256 1 }}
        {{- if has . $permanent }}
        - {{ . }}
        {{- end }}
        {{- end }}
  {{- end }}
  - action: Ignore
    onPodConditions:
      - type: DisruptionTarget
        status: "True"
{{- end -}}
