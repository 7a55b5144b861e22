{{/*
The Job's pod template. Everything in it is immutable and part of the identity, so nothing in it may differ between
two renders of the same values: no revision, no time, no random text, no lookup, no capabilities, no chart version.
Takes (list scope identity); the identity is computed over this text with an empty identity.
*/}}
{{- define "migration-gate.v1.podTemplate" -}}
{{- $identity := last . -}}
{{- with first . -}}
metadata:
  labels:
    {{- merge (include "migration-gate.v1.selectorLabels" . | fromYaml) .Values.job.podLabels | toYaml | nindent 4 }}
  {{- with .Values.job.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  restartPolicy: Never
  serviceAccountName: {{ include "migration-gate.v1.serviceAccountName" . | quote }}
  # The token is mounted into `record` alone.
  automountServiceAccountToken: false
  # A Service called "waiter" or "migrator" would otherwise set variables that look like settings.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ int .Values.job.terminationGracePeriodSeconds }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.job.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.job.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.job.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.job.priorityClassName }}
  priorityClassName: {{ . | quote }}
  {{- end }}
  initContainers:
    {{- include "migration-gate.v1.recordContainer" (list . $identity) | nindent 4 }}
  containers:
    {{- include "migration-gate.v1.migrateContainer" . | nindent 4 }}
  volumes:
    - name: report
      emptyDir:
        sizeLimit: 1Mi
    {{- include "migration-gate.v1.tokenVolume" "record-token" | nindent 4 }}
    {{- with .Values.job.volumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}
{{- end -}}

{{/* Runs the migrations: database credentials, no API token. */}}
{{- define "migration-gate.v1.migrateContainer" -}}
- name: migrate
  image: {{ include "migration-gate.v1.migratorImage" . | quote }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  args:
    - up
    - --report=/run/migration-gate
    - --wait-budget={{ int .Values.migrate.waitBudgetSeconds }}s
    {{- with .Values.migrate.extraArgs }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  env:
    - name: MIGRATOR_IMAGE
      value: {{ include "migration-gate.v1.migratorImage" . | quote }}
    {{- with .Values.database.existingSecret }}
    - name: DATABASE_URL
      valueFrom:
        secretKeyRef:
          name: {{ include "migration-gate.v1.tpl" (list $ .) | quote }}
          key: {{ $.Values.database.key | quote }}
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
    {{- with .Values.migrate.volumeMounts }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{/*
Runs alongside `migrate` as a native sidecar and puts its report into the ledger: API token, no database credentials.
A sidecar's exit code never fails the pod, so podFailurePolicy judges `migrate` alone. Takes (list scope identity).
*/}}
{{- define "migration-gate.v1.recordContainer" -}}
{{- $identity := last . -}}
{{- with first . -}}
- name: record
  restartPolicy: Always
  image: {{ include "migration-gate.v1.waiterImage" . | quote }}
  imagePullPolicy: {{ .Values.waiter.image.pullPolicy }}
  args:
    - record
    - --ledger={{ include "migration-gate.v1.ledgerName" . }}
    - --identity={{ $identity }}
    - --report=/run/migration-gate
  env:
    - name: WAITER_JOB
      valueFrom:
        fieldRef:
          fieldPath: metadata.labels['batch.kubernetes.io/job-name']
    - name: WAITER_JOB_UID
      valueFrom:
        fieldRef:
          fieldPath: metadata.labels['batch.kubernetes.io/controller-uid']
    - name: WAITER_POD
      valueFrom:
        fieldRef:
          fieldPath: metadata.name
    - name: WAITER_IMAGE
      value: {{ include "migration-gate.v1.migratorImage" . | quote }}
  terminationMessagePolicy: FallbackToLogsOnError
  {{- with .Values.waiter.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.waiter.securityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
    - name: report
      mountPath: /run/migration-gate
    {{- include "migration-gate.v1.tokenMount" "record-token" | nindent 4 }}
{{- end -}}
{{- end -}}
