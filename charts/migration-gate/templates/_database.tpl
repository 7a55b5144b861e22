{{/* The connection, as environment variables of `migrate`: a URL, or libpq's variables. */}}
{{- define "migration-gate.v1.databaseEnv" -}}
{{- $secret := include "migration-gate.v1.tpl" (list . .Values.database.existingSecret) -}}
{{- with .Values.database -}}
{{- if .host }}
- name: PGHOST
  value: {{ include "migration-gate.v1.tpl" (list $ .host) | quote }}
- name: PGPORT
  value: {{ int .port | quote }}
- name: PGDATABASE
  value: {{ .name | quote }}
{{- if .user }}
- name: PGUSER
  value: {{ .user | quote }}
{{- else }}
{{ include "migration-gate.v1.secretVariable" (list "PGUSER" $secret .userKey) }}
{{- end }}
{{- with .passwordKey }}
{{ include "migration-gate.v1.secretVariable" (list "PGPASSWORD" $secret .) }}
{{- end }}
{{- else if $secret }}
{{ include "migration-gate.v1.secretVariable" (list "DATABASE_URL" $secret .key) }}
{{- end }}
{{- with .sslmode }}
- name: PGSSLMODE
  value: {{ . | quote }}
{{- end }}
{{- end }}
{{- if include "migration-gate.v1.databaseCa" . }}
- name: PGSSLROOTCERT
  value: {{ printf "%s/ca.crt" (include "migration-gate.v1.databaseCaPath" .) }}
{{- end }}
{{- end -}}

{{/* An environment variable from a Secret. Takes (list variable secret key). */}}
{{- define "migration-gate.v1.secretVariable" -}}
- name: {{ index . 0 }}
  valueFrom:
    secretKeyRef:
      name: {{ index . 1 | quote }}
      key: {{ index . 2 | quote }}
{{- end -}}

{{/* The source of the volume with the authority's certificate; nothing where none is given. */}}
{{- define "migration-gate.v1.databaseCa" -}}
{{- with .Values.database.ca -}}
{{- if .existingSecret -}}
secret:
  secretName: {{ include "migration-gate.v1.tpl" (list $ .existingSecret) | quote }}
{{- else if .existingConfigMap -}}
configMap:
  name: {{ include "migration-gate.v1.tpl" (list $ .existingConfigMap) | quote }}
{{- end }}
{{- if or .existingSecret .existingConfigMap }}
  items:
    - key: {{ .key | quote }}
      path: ca.crt
{{- end }}
{{- end -}}
{{- end -}}

{{- define "migration-gate.v1.databaseCaPath" -}}
/run/database-ca
{{- end -}}
