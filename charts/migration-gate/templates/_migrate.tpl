{{/* Runs the migrations: database credentials, no API token. */}}
{{- define "migration-gate.v1.migrateContainer" -}}
- name: migrate
  image: {{ include "migration-gate.v1.migratorImage" . | quote }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  args:
    - up
    - --report=/run/migration-gate
    - --wait-budget={{ int .Values.migrate.waitBudgetSeconds }}s
    {{- if include "migration-gate.v1.filesConfigMapName" . }}
    - --dir=/migrations
    - --checksum={{ include "migration-gate.v1.filesChecksum" . }}
    {{- end }}
    {{- with .Values.migrate.extraArgs }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  env:
    - name: MIGRATOR_IMAGE
      value: {{ include "migration-gate.v1.migratorImage" . | quote }}
    {{- with include "migration-gate.v1.databaseEnv" . }}
    {{- . | trim | nindent 4 }}
    {{- end }}
    {{- with .Values.migrate.env }}
    {{- toYaml . | nindent 4 }}
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
  volumeMounts:
    - name: report
      mountPath: /run/migration-gate
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
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}
