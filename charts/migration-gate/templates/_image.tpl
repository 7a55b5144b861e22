{{/* The reference of an image: registry/repository:tag@digest. Takes (list image defaultTag). */}}
{{- define "migration-gate.v1.image" -}}
{{- $image := first . -}}
{{- list $image.registry $image.repository | compact | join "/" -}}
{{- with $image.tag | default (ternary "" (last .) (ne $image.digest "")) }}:{{ . }}{{ end -}}
{{- with $image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{- define "migration-gate.v1.migratorImage" -}}
{{- include "migration-gate.v1.image" (list .Values.image "") -}}
{{- end -}}

{{- define "migration-gate.v1.waiterImage" -}}
{{- include "migration-gate.v1.image" (list .Values.waiter.image .Chart.AppVersion) -}}
{{- end -}}
