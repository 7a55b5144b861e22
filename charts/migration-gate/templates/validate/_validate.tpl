{{/*
What the schema cannot say: settings that are missing, contradict each other or would hurt. All problems are reported at
once, each with its fix. The identity includes it, so that no Job and no waiter is rendered without.
Takes (list scope podTemplate).
*/}}
{{- define "migration-gate.v1.validate" -}}
{{- $podTemplate := last . -}}
{{- with first . -}}
{{- $scope := . -}}
{{- $problems := list -}}
{{- $checks := list "metadataProblems" "imageProblems" "filesProblems" "toolProblems" "databaseProblems" "migrateProblems" "limitProblems" "accessProblems" "networkPolicyProblems" -}}
{{- if include "migration-gate.v1.hasLostValues" . }}{{ $checks = list "lostValuesProblem" }}{{ end -}}
{{- range $checks -}}
{{- $problems = concat $problems (include (printf "migration-gate.v1.%s" .) $scope | trim | splitList "\n" | compact) -}}
{{- end -}}
{{- $problems = concat $problems (include "migration-gate.v1.podProblems" (list . $podTemplate.spec) | trim | splitList "\n" | compact) -}}
{{- if $problems -}}
{{- fail (printf "%s cannot be rendered:\n- %s" (include "migration-gate.v1.chartPath" . | default .Chart.Name) (join "\n- " $problems)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Helm 3 shares the dependencies of a chart between the aliases of that chart. A gate that has an alias, too, then loses
it and all its values in the second application.
*/}}
{{- define "migration-gate.v1.hasLostValues" -}}
{{- $set := list .Values.image.repository .Values.image.tag .Values.image.digest .Values.database.existingSecret (include "migration-gate.v1.filesConfigMapName" .) | compact -}}
{{- if and (not $set) (hasPrefix "v3." .Capabilities.HelmVersion.Version) (contains "/" (include "migration-gate.v1.chartPath" .)) }}true{{ end -}}
{{- end -}}

{{- define "migration-gate.v1.lostValuesProblem" -}}
{{- $path := include "migration-gate.v1.valuePath" (list . "") -}}
{{ $path }}.image and {{ $path }}.database are empty: set them; if you did, under an alias: Helm 3 loses the values of an aliased migration-gate in an application that has two aliases itself, so remove the gate's alias from the application's Chart.yaml, or use Helm 4
{{- end -}}
