{{/* Runs the migrations: database credentials, no API token. */}}
{{- define "migration-gate.v1.migrateContainer" -}}
{{- $isOther := include "migration-gate.v1.isOtherTool" . -}}
- name: migrate
  image: {{ include "migration-gate.v1.migratorImage" . | quote }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  {{- if $isOther }}
  {{- with .Values.migrate.command }}
  command:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.migrate.args }}
  args:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- else }}
  args:
    - up
    - --report=/run/migration-gate
    - --wait-budget={{ include "migration-gate.v1.waitBudgetSeconds" . }}s
    {{- if include "migration-gate.v1.filesConfigMapName" . }}
    - --dir=/migrations
    - --checksum={{ include "migration-gate.v1.filesChecksum" . }}
    {{- end }}
    {{- with .Values.migrate.extraArgs }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
  {{- with include "migration-gate.v1.migrateEnv" . | trim }}
  env:
    {{- nindent 4 . }}
  {{- end }}
  {{- with .Values.migrate.envFrom }}
  envFrom:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  terminationMessagePolicy: FallbackToLogsOnError
  {{- with .Values.migrate.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.migrate.securityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with include "migration-gate.v1.migrateMounts" . | trim }}
  volumeMounts:
    {{- nindent 4 . }}
  {{- end }}
{{- end -}}

{{/* The environment, the connection first: `$(DATABASE_URL)` is replaced only in what follows it. */}}
{{- define "migration-gate.v1.migrateEnv" -}}
{{- if not (include "migration-gate.v1.isOtherTool" .) }}
- name: MIGRATOR_IMAGE
  value: {{ include "migration-gate.v1.migratorImage" . | quote }}
{{- end }}
{{- include "migration-gate.v1.databaseEnv" . }}
{{- with .Values.migrate.env }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "migration-gate.v1.migrateMounts" -}}
{{- if not (include "migration-gate.v1.isOtherTool" .) }}
- name: report
  mountPath: /run/migration-gate
{{- end }}
{{- if include "migration-gate.v1.filesConfigMapName" . }}
- name: migration-files
  mountPath: /migrations
  readOnly: true
{{- end }}
{{- if include "migration-gate.v1.databaseCa" . }}
- name: database-ca
  mountPath: {{ include "migration-gate.v1.databaseCaPath" . }}
  readOnly: true
{{- end }}
{{- with .Values.migrate.volumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}
