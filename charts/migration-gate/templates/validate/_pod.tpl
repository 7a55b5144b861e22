{{/*
The API server refuses some names that a pod has twice, and of others one would silently win. Asked of the pod as it is rendered,
so that no list of the chart's own names can fall behind.
*/}}
{{- define "migration-gate.v1.podProblems" -}}
{{- $podSpec := (include "migration-gate.v1.podTemplate" (list . "") | fromYaml).spec | default dict -}}
{{- $containers := concat ($podSpec.initContainers | default list) ($podSpec.containers | default list) -}}
{{- include "migration-gate.v1.repeatedProblems" (list . "job.volumes" "volume" "name" $podSpec.volumes) }}
{{- include "migration-gate.v1.repeatedProblems" (list . "job.initContainers" "container" "name" $containers) }}
{{- range $containers }}
{{- if eq .name "migrate" }}
{{- include "migration-gate.v1.repeatedProblems" (list $ "migrate.env" "variable" "name" .env) }}
{{- include "migration-gate.v1.repeatedProblems" (list $ "migrate.volumeMounts" "mount path" "mountPath" .volumeMounts) }}
{{- else if eq .name "record" }}
{{- include "migration-gate.v1.repeatedProblems" (list $ "waiter.env" "variable" "name" .env) }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Takes (list scope value what key items). */}}
{{- define "migration-gate.v1.repeatedProblems" -}}
{{- $path := include "migration-gate.v1.valuePath" (list (index . 0) (index . 1)) -}}
{{- $what := index . 2 -}}
{{- $key := index . 3 -}}
{{- $seen := dict -}}
{{- range index . 4 }}
{{- $name := get . $key }}
{{- if hasKey $seen $name }}
{{ $path }} holds the {{ $what }} {{ $name }}, which the pod has already, by the chart or by the same list: rename it, or remove one of them
{{- end }}
{{- $_ := set $seen $name true }}
{{- end }}
{{- end -}}
