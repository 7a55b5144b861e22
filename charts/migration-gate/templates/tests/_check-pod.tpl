{{/*
A pod of `helm test` that asks, as a service account, whether it may do what `wait` or `record` needs. A hook of Helm alone:
neither an upgrade nor Argo CD creates it. Takes (list scope role account).
*/}}
{{- define "migration-gate.v1.checkPod" -}}
{{- $role := index . 1 -}}
{{- $account := index . 2 -}}
{{- with first . }}
{{- $fullname := include "migration-gate.v1.fullname" . }}
{{- $name := ternary (list $fullname "check-record") (list $fullname "check-wait" $account) (eq $role "record") | join "-" | include "migration-gate.v1.dnsLabel" }}
{{- $hook := dict "helm.sh/hook" "test" "helm.sh/hook-delete-policy" "before-hook-creation" }}
{{- $annotations := merge $hook (omit .Values.job.podAnnotations "kubectl.kubernetes.io/default-container") }}
apiVersion: v1
kind: Pod
metadata:
  {{- include "migration-gate.v1.metadata" (dict "scope" . "name" $name "annotations" $annotations) | nindent 2 }}
spec:
  restartPolicy: Never
  activeDeadlineSeconds: 300
  serviceAccountName: {{ $account | quote }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- range $field, $setting := include "migration-gate.v1.podSettings" . | fromJson }}
  {{- dict $field $setting | toYaml | nindent 2 }}
  {{- end }}
  containers:
    - name: check
      image: {{ include "migration-gate.v1.waiterImage" . | quote }}
      imagePullPolicy: {{ .Values.waiter.image.pullPolicy }}
      args:
        - check
        - --role={{ $role }}
        - --job={{ include "migration-gate.v1.jobName" . }}
        - --ledger={{ include "migration-gate.v1.ledgerName" . }}
        - --identity={{ include "migration-gate.v1.identity" . }}
      {{- with .Values.waiter.env }}
      env:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      terminationMessagePolicy: FallbackToLogsOnError
      {{- with .Values.waiter.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.waiter.securityContext }}
      securityContext:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      volumeMounts:
        {{- include "migration-gate.v1.tokenMount" "check-token" | nindent 8 }}
  volumes:
    {{- include "migration-gate.v1.tokenVolume" "check-token" | nindent 4 }}
{{- end }}
{{- end -}}
