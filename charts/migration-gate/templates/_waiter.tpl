{{/* How long the waiter waits, and how long a rollout may take: longer than the Job can run. */}}
{{- define "migration-gate.v1.timeoutSeconds" -}}
{{- .Values.waiter.timeoutSeconds | default (add (int .Values.job.activeDeadlineSeconds) 300) | int -}}
{{- end -}}

{{/*
One init container that waits for every given gate; image, resources and security context are those of the first.
Takes (list of scopes), none of them nil or disabled.
*/}}
{{- define "migration-gate.v1.waitContainer" -}}
{{- $gates := . -}}
{{- with first . -}}
- name: wait-for-{{ include "migration-gate.v1.gateName" . }}
  image: {{ include "migration-gate.v1.waiterImage" . | quote }}
  imagePullPolicy: {{ .Values.waiter.image.pullPolicy }}
  args:
    - wait
    {{- if eq (len $gates) 1 }}
    - --job={{ include "migration-gate.v1.jobName" . }}
    - --ledger={{ include "migration-gate.v1.ledgerName" . }}
    - --identity={{ include "migration-gate.v1.identity" . }}
    {{- else }}
    {{- range $gates }}
    - --gate={{ include "migration-gate.v1.jobName" . }}:{{ include "migration-gate.v1.ledgerName" . }}:{{ include "migration-gate.v1.identity" . }}
    {{- end }}
    {{- end }}
    - --timeout={{ include "migration-gate.v1.progressDeadlineSeconds" $gates }}s
    {{- with .Values.waiter.logLevel }}
    - --log-level={{ . }}
    {{- end }}
  {{- with .Values.waiter.env }}
  env:
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
    {{- include "migration-gate.v1.tokenMount" (include "migration-gate.v1.tokenVolumeName" .) | nindent 4 }}
{{- end -}}
{{- end -}}

{{- define "migration-gate.v1.tokenVolumeName" -}}
{{- include "migration-gate.v1.gateName" . }}-gate-token
{{- end -}}

{{/*
"true" for the scope of a gate that is on. Helm gives nil for a name that no subchart has, and for a subchart that a
condition switches off: passing over it would let pods start without their migrations because of a misspelling.
*/}}
{{- define "migration-gate.v1.isEnabled" -}}
{{- if kindIs "invalid" . -}}
{{- fail "migration-gate: .Subcharts has no subchart of the name that a helper was given: use the alias, or else the name, of the dependency in Chart.yaml; and switch a gate off by its value `enabled: false`, not by a condition (Helm 3 loses aliases in a chart that has two aliases itself: take one or the other away, or use Helm 4)" -}}
{{- end -}}
{{- if .Values.enabled }}true{{ end -}}
{{- end -}}
