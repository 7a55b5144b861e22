{{/* What a NetworkPolicy lets its pods connect to. Takes (list destination protocol …), a destination of `to` and `ports`. */}}
{{- define "migration-gate.v1.egressRule" -}}
{{- $protocols := rest . -}}
{{- with first . -}}
- to:
    {{- toYaml .to | nindent 4 }}
  ports:
    {{- range $port := .ports }}
    {{- range $protocols }}
    - protocol: {{ . }}
      port: {{ int $port }}
    {{- end }}
    {{- end }}
{{- end -}}
{{- end -}}
