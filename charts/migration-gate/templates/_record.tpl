{{/*
Puts the run into the ledger: API token, no database credentials. Beside our migrator it is a native sidecar that reads the
migrator's report; a sidecar's exit code never fails the pod. After another tool it is the pod's main container,
and that it starts at all is the success. Either way podFailurePolicy judges `migrate` alone. Takes (list scope identity).
*/}}
{{- define "migration-gate.v1.recordContainer" -}}
{{- $identity := last . -}}
{{- with first . -}}
{{- $isOther := include "migration-gate.v1.isOtherTool" . -}}
- name: record
  {{- if not $isOther }}
  restartPolicy: Always
  {{- end }}
  image: {{ include "migration-gate.v1.waiterImage" . | quote }}
  imagePullPolicy: {{ .Values.waiter.image.pullPolicy }}
  args:
    - record
    - --ledger={{ include "migration-gate.v1.ledgerName" . }}
    - --identity={{ $identity }}
    {{- if not $isOther }}
    - --report=/run/migration-gate
    {{- end }}
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
    {{- if not $isOther }}
    - name: report
      mountPath: /run/migration-gate
    {{- end }}
    {{- include "migration-gate.v1.tokenMount" "record-token" | nindent 4 }}
{{- end -}}
{{- end -}}
