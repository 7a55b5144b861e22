{{/*
The reference of an image: registry/repository:tag@digest. The image's own registry wins, be it a value or the first part of
the repository (https://github.com/distribution/reference); then the parent's global one, then the default.
Takes (list scope image defaultRegistry defaultTag).
*/}}
{{- define "migration-gate.v1.image" -}}
{{- $global := (index . 0).Values.global | default dict -}}
{{- $defaultRegistry := index . 2 -}}
{{- $defaultTag := index . 3 -}}
{{- with index . 1 -}}
{{- $hasHost := regexMatch "^(localhost|[^/]*[.:][^/]*)/" .repository -}}
{{- $registry := .registry | default (ternary "" ($global.imageRegistry | default $defaultRegistry) $hasHost) -}}
{{- list $registry .repository | compact | join "/" -}}
{{- with .tag | default (ternary "" $defaultTag (ne .digest "")) }}:{{ . }}{{ end -}}
{{- with .digest }}@{{ . }}{{ end -}}
{{- end -}}
{{- end -}}

{{/* The migrations' tag: the image's own, or else the one that the parent gives to all its gates. */}}
{{- define "migration-gate.v1.globalTag" -}}
{{- $global := get (.Values.global | default dict) "migration-gate" | default dict -}}
{{- ($global.image | default dict).tag -}}
{{- end -}}

{{/* Where the files come from a ConfigMap, the default is the migrator as it is published, from the waiter's registry. */}}
{{- define "migration-gate.v1.migratorImage" -}}
{{- if not (include "migration-gate.v1.filesConfigMapName" .) -}}
{{- include "migration-gate.v1.image" (list . .Values.image "" (include "migration-gate.v1.globalTag" .)) -}}
{{- else if .Values.image.repository -}}
{{- include "migration-gate.v1.image" (list . .Values.image "" .Chart.AppVersion) -}}
{{- else -}}
{{- $registry := .Values.image.registry | default .Values.waiter.image.registry -}}
{{- $published := mergeOverwrite (dict) .Values.image (dict "registry" $registry "repository" "migration-gate/migrator") -}}
{{- include "migration-gate.v1.image" (list . $published "ghcr.io" .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "migration-gate.v1.waiterImage" -}}
{{- include "migration-gate.v1.image" (list . .Values.waiter.image "ghcr.io" .Chart.AppVersion) -}}
{{- end -}}

{{/* The Secrets of this gate and the parent's global ones, which charts spell as names or as objects; a JSON list. */}}
{{- define "migration-gate.v1.imagePullSecrets" -}}
{{- $secrets := .Values.imagePullSecrets | default list -}}
{{- range (.Values.global | default dict).imagePullSecrets }}{{ $secrets = append $secrets (kindIs "string" . | ternary (dict "name" .) .) }}{{ end -}}
{{- uniq $secrets | toJson -}}
{{- end -}}
