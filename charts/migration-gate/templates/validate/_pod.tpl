{{/*
The API server refuses some names that a pod has twice, and of others one would silently win. Asked of the pod as it is rendered,
so that no list of the chart's own names can fall behind. Takes (list scope podSpec).
*/}}
{{- define "migration-gate.v1.podProblems" -}}
{{- $podSpec := last . -}}
{{- $scope := first . -}}
{{- $containers := concat ($podSpec.initContainers | default list) ($podSpec.containers | default list) -}}
{{- include "migration-gate.v1.repeatedProblems" (list $scope "job.volumes" "volume" "name" $podSpec.volumes) }}
{{- include "migration-gate.v1.repeatedProblems" (list $scope "job.initContainers" "container" "name" $containers) }}
{{- range $containers }}
{{- if eq .name "migrate" }}
{{- include "migration-gate.v1.repeatedProblems" (list $scope "migrate.env" "variable" "name" .env) }}
{{- include "migration-gate.v1.repeatedProblems" (list $scope "migrate.volumeMounts" "mount path" "mountPath" .volumeMounts) }}
{{- else if eq .name "record" }}
{{- include "migration-gate.v1.repeatedProblems" (list $scope "waiter.env" "variable" "name" .env) }}
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
{{- with get . $key }}
{{- if hasKey $seen . }}
{{ $path }} holds the {{ $what }} {{ . }}, which the pod has already, by the chart or by the same list: rename it, or remove one of them
{{- end }}
{{- $_ := set $seen . true }}
{{- end }}
{{- end }}
{{- end -}}
