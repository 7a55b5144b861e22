{{- define "blog.fullname" -}}
{{- .Release.Name -}}
{{- end -}}

{{- define "blog.selectorLabels" -}}
app.kubernetes.io/name: blog
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "blog.labels" -}}
{{ include "blog.selectorLabels" . }}
app.kubernetes.io/version: {{ .Values.image.tag | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}
