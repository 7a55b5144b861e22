{{/* An image must be named, and by something that does not change its meaning. */}}
{{- define "migration-gate.v1.imageProblems" -}}
{{- $path := include "migration-gate.v1.valuePath" (list . "image") -}}
{{- $isOther := include "migration-gate.v1.isOtherTool" . -}}
{{- $hasFiles := and (not $isOther) (include "migration-gate.v1.filesConfigMapName" .) -}}
{{- if not (or .Values.image.repository $hasFiles) }}
{{ $path }}.repository is empty: set it to the image with the {{ if $isOther }}tool{{ else }}migrator and your SQL files, or give the files in {{ include "migration-gate.v1.valuePath" (list . "files") }}{{ end }}
{{- end }}
{{- $image := mergeOverwrite (dict) .Values.image (dict "tag" (.Values.image.tag | default (include "migration-gate.v1.globalTag" .))) }}
{{- if not (or $image.tag $image.digest $hasFiles) }}
{{ $path }}.tag is empty: set it (or {{ $path }}.digest, or global.migration-gate.image.tag) to the version of your migrations; there is no default, because only a new tag starts a run
{{- end }}
{{- include "migration-gate.v1.imageReferenceProblems" (list $path $image) }}
{{- include "migration-gate.v1.imageReferenceProblems" (list (include "migration-gate.v1.valuePath" (list . "waiter.image")) .Values.waiter.image) }}
{{- end -}}

{{- define "migration-gate.v1.imageReferenceProblems" -}}
{{- $path := first . -}}
{{- with last . }}
{{- if regexMatch "(:[^/]*|@.*)$" .repository }}
{{ $path }}.repository ({{ .repository }}) carries a tag or digest: put it into {{ $path }}.tag or {{ $path }}.digest
{{- end }}
{{- if and (regexMatch (include "migration-gate.v1.mutableTags" .) (lower .tag)) (not .digest) (not .allowMutableTag) }}
{{ $path }}.tag is {{ .tag | quote }}, which can change without a new run: set a tag that names one version, or {{ $path }}.digest{{ if hasKey . "allowMutableTag" }}, or {{ $path }}.allowMutableTag{{ end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Tags that are names of branches or channels. */}}
{{- define "migration-gate.v1.mutableTags" -}}
^(latest|main|master|trunk|head|develop|development|dev|edge|nightly|snapshot|canary|stable|staging|production)$
{{- end -}}
