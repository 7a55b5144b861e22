{{/* Names that contradict each other, and annotations that turn the chart's objects into something else. */}}
{{- define "migration-gate.v1.metadataProblems" -}}
{{- if and .Values.nameOverride .Values.fullnameOverride }}
{{ include "migration-gate.v1.valuePath" (list . "nameOverride") }} has no effect beside fullnameOverride: remove one of them
{{- end }}
{{- include "migration-gate.v1.annotationProblems" (list (include "migration-gate.v1.valuePath" (list . "job.annotations")) .Values.job.annotations) }}
{{- include "migration-gate.v1.annotationProblems" (list (include "migration-gate.v1.valuePath" (list . "commonAnnotations")) .Values.commonAnnotations) }}
{{- end -}}

{{/* Takes (list path annotations). */}}
{{- define "migration-gate.v1.annotationProblems" -}}
{{- $path := first . -}}
{{- range $key, $value := last . }}
{{- if hasPrefix "helm.sh/" $key }}
{{ $path }} holds {{ $key }}: remove it; a hook runs before the release's Secrets exist or waits for pods that wait for it, and a kept Job breaks `helm rollback`
{{- else if hasPrefix "argocd.argoproj.io/hook" $key }}
{{ $path }} holds {{ $key }}: remove it; PreSync runs before the ledger and the service account exist, PostSync waits for pods that wait for it, and Sync runs again with every sync
{{- else if and (eq $key "argocd.argoproj.io/sync-options") (regexMatch "(Replace|Force)=true" $value) }}
{{ $path }} holds {{ $key }}: {{ $value }}; remove Replace and Force, which run the migrations again with every sync and empty the ledger
{{- else if and (eq $key "argocd.argoproj.io/sync-options") (contains "PruneLast=true" $value) }}
{{ $path }} holds {{ $key }}: {{ $value }}; remove PruneLast, with which Argo CD does not sync the correction of a failed migration before the Deployment's progress deadline; old pods need no Job, the ledger lets them start
{{- end }}
{{- end }}
{{- end -}}

{{/* Gates of one name would share a ledger. Takes (list of scopes). */}}
{{- define "migration-gate.v1.requireDistinctNames" -}}
{{- $names := list -}}
{{- range . -}}
{{- $name := include "migration-gate.v1.fullname" . -}}
{{- if has $name $names }}{{ fail (printf "migration-gate.v1.gate: two gates have the name %s: give each a nameOverride or fullnameOverride of its own" $name) }}{{ end -}}
{{- $names = append $names $name -}}
{{- end -}}
{{- end -}}
