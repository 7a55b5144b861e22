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
  {{- range $field, $setting := include "migration-gate.v1.podSettings" . | fromJson }}
  {{- dict $field $setting | toYaml | nindent 2 }}
  {{- end }}
  {{- $migrate := include "migration-gate.v1.migrateContainer" . }}
  {{- $record := include "migration-gate.v1.recordContainer" (list . $identity) }}
  {{- $isOther := include "migration-gate.v1.isOtherTool" . }}
  # Our migrator runs with `record` alongside, any other tool before it.
  initContainers:
    {{- if not $isOther }}
    {{- $record | nindent 4 }}
    {{- end }}
    {{- with .Values.job.initContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- if $isOther }}
    {{- $migrate | nindent 4 }}
    {{- end }}
  containers:
    {{- ternary $record $migrate (eq $isOther "true") | nindent 4 }}
  volumes:
    {{- if not $isOther }}
    - name: report
      emptyDir:
        sizeLimit: 1Mi
    {{- end }}
    {{- include "migration-gate.v1.tokenVolume" "record-token" | nindent 4 }}
    {{- with include "migration-gate.v1.filesConfigMapName" . }}
    - name: migration-files
      configMap:
        name: {{ . | quote }}
    {{- end }}
    {{- with include "migration-gate.v1.databaseCa" . }}
    - name: database-ca
      {{- . | nindent 6 }}
    {{- end }}
    {{- with .Values.job.volumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}
{{- end -}}

{{/* Fields of the pod spec that are handed on as they are given, as a JSON object; those that are empty are left out. */}}
{{- define "migration-gate.v1.podSettings" -}}
{{- $given := pick .Values.job "nodeSelector" "tolerations" "affinity" "topologySpreadConstraints" "priorityClassName" "runtimeClassName" "schedulerName" "dnsPolicy" "dnsConfig" "hostAliases" -}}
{{- $_ := set $given "securityContext" .Values.job.podSecurityContext -}}
{{- $_ := set $given "imagePullSecrets" (include "migration-gate.v1.imagePullSecrets" . | fromJsonArray) -}}
{{- range $field, $setting := $given }}{{ if not $setting }}{{ $_ := unset $given $field }}{{ end }}{{ end -}}
{{- toJson $given -}}
{{- end -}}
