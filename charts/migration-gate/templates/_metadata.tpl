{{/* The metadata of an object. Takes (dict "scope" $ "name" NAME), and its own "labels" and "annotations" where it has some. */}}
{{- define "migration-gate.v1.metadata" -}}
name: {{ .name | quote }}
labels:
  {{- merge (include "migration-gate.v1.labels" .scope | fromYaml) (.labels | default dict) | toYaml | nindent 2 }}
{{- with merge (dict) (.annotations | default dict) (.scope.Values.commonAnnotations | default dict) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Labels of every object's metadata; the chart's own win over `commonLabels`. */}}
{{- define "migration-gate.v1.labels" -}}
{{- $labels := include "migration-gate.v1.selectorLabels" . | fromYaml -}}
{{- $_ := set $labels "app.kubernetes.io/version" .Chart.AppVersion -}}
{{- $_ := set $labels "app.kubernetes.io/managed-by" .Release.Service -}}
{{- $_ := set $labels "helm.sh/chart" (printf "migration-gate-%s" .Chart.Version | replace "+" "_") -}}
{{- merge $labels .Values.commonLabels | toYaml -}}
{{- end -}}

{{/* Labels that never change with a version, fit for the pod template. */}}
{{- define "migration-gate.v1.selectorLabels" -}}
app.kubernetes.io/name: migration-gate
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: {{ include "migration-gate.v1.gateName" . | quote }}
{{- end -}}
