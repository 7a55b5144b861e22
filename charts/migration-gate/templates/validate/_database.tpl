{{/* The connection must come from somewhere, from one place, and never from the values. */}}
{{- define "migration-gate.v1.databaseProblems" -}}
{{- $path := include "migration-gate.v1.valuePath" (list . "database.existingSecret") -}}
{{- $envPath := include "migration-gate.v1.valuePath" (list . "migrate.env") -}}
{{- $names := list -}}
{{- range .Values.migrate.env }}
{{- $names = append $names .name }}
{{- if and .value (has .name (list "DATABASE_URL" "PGPASSWORD")) }}
{{ $envPath }} holds {{ .name }} in plain text: put it into a Secret and use valueFrom.secretKeyRef, or {{ $path }}
{{- end }}
{{- end }}
{{- if .Values.database.existingSecret }}
{{- if has "DATABASE_URL" $names }}
DATABASE_URL is set by {{ $path }} and by {{ $envPath }}: remove one of them
{{- end }}
{{- else if not (or .Values.migrate.envFrom (has "DATABASE_URL" $names) (has "DATABASE_URL_FILE" $names) (has "PGHOST" $names)) }}
{{ $path }} is empty: set it to the Secret whose key {{ .Values.database.key | quote }} holds the connection URL of the role that may change the schema
{{- end }}
{{- end -}}
