{{/* The reference of an image: registry/repository:tag@digest. Takes (list image defaultTag). */}}
{{- define "migration-gate.v1.image" -}}
{{- $image := first . -}}
{{- list $image.registry $image.repository | compact | join "/" -}}
{{- with $image.tag | default (ternary "" (last .) (ne $image.digest "")) }}:{{ . }}{{ end -}}
{{- with $image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{/* Where the files come from a ConfigMap, the default is the migrator as it is published, from the waiter's registry. */}}
{{- define "migration-gate.v1.migratorImage" -}}
{{- if not (include "migration-gate.v1.filesConfigMapName" .) -}}
{{- include "migration-gate.v1.image" (list .Values.image "") -}}
{{- else if .Values.image.repository -}}
{{- include "migration-gate.v1.image" (list .Values.image .Chart.AppVersion) -}}
{{- else -}}
{{- $registry := .Values.image.registry | default .Values.waiter.image.registry -}}
{{- $published := merge (dict "registry" $registry "repository" "migration-gate/migrator") .Values.image -}}
{{- include "migration-gate.v1.image" (list $published .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "migration-gate.v1.waiterImage" -}}
{{- include "migration-gate.v1.image" (list .Values.waiter.image .Chart.AppVersion) -}}
{{- end -}}
