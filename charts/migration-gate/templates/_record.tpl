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
    {{- with .Values.waiter.logLevel }}
    - --log-level={{ . }}
    {{- end }}
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
    {{- with .Values.waiter.env }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
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
