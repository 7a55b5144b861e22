{{/* The ConfigMap with the SQL files; nothing where the image holds them. */}}
{{- define "migration-gate.v1.filesConfigMapName" -}}
{{- if .Values.files.inline -}}
{{- include "migration-gate.v1.fullname" . }}-files-{{ include "migration-gate.v1.filesChecksum" . | trunc 10 -}}
{{- else if .Values.files.existingConfigMap -}}
{{- include "migration-gate.v1.tpl" (list . .Values.files.existingConfigMap) -}}
{{- end -}}
{{- end -}}

{{/*
What the migrator must find in that ConfigMap: `sha256sum *.sql | LC_ALL=C sort | sha256sum`. Of inline files, too, so that
what YAML may have made of them on their way is noticed.
*/}}
{{- define "migration-gate.v1.filesChecksum" -}}
{{- if .Values.files.inline -}}
{{- $lines := list -}}
{{- range $name, $sql := .Values.files.inline }}{{ $lines = append $lines (printf "%s  %s\n" (sha256sum $sql) $name) }}{{ end -}}
{{- sortAlpha $lines | join "" | sha256sum -}}
{{- else -}}
{{- .Values.files.checksum -}}
{{- end -}}
{{- end -}}
