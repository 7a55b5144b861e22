{{/*
The chart's path below the root chart: "" standalone, "migrations" for that alias, "shop/migrations" in an umbrella.
Helm passes the path only once it has rendered a template of this chart, and it renders deeper folders first.
*/}}
{{- define "migration-gate.v1.chartPath" -}}
{{- if not .Template -}}
{{- fail (printf "%s: the template that asks for the gate is rendered before the gate itself, because it lies too deep: move it to at most two folders below templates/" .Chart.Name) -}}
{{- end -}}
{{- trimSuffix "/templates" .Template.BasePath | splitList "/charts/" | rest | join "/" -}}
{{- end -}}

{{/* A value as its user spells it from the root chart, for messages: "migrations.image.tag". Takes (list scope "image.tag"). */}}
{{- define "migration-gate.v1.valuePath" -}}
{{- append (include "migration-gate.v1.chartPath" (first .) | splitList "/") (last .) | compact | join "." -}}
{{- end -}}

{{/*
A text as a DNS label of at most 52 characters. What had to be changed or cut ends in a hash of the whole,
so that two names never become one.
*/}}
{{- define "migration-gate.v1.dnsLabel" -}}
{{- $label := regexReplaceAll "[^a-z0-9]+" (lower .) "-" | trimAll "-" -}}
{{- if and (eq $label .) (le (len .) 52) -}}
{{- . -}}
{{- else -}}
{{- trunc 43 $label | trimAll "-" }}-{{ sha256sum . | trunc 8 -}}
{{- end -}}
{{- end -}}

{{/* The name that all objects share: release and chart path, so that aliases and umbrellas never clash. */}}
{{- define "migration-gate.v1.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else -}}
{{- $path := include "migration-gate.v1.chartPath" . | splitList "/" -}}
{{- with .Values.nameOverride }}{{ $path = append (initial $path) . }}{{ end -}}
{{- prepend $path .Release.Name | compact | join "-" | include "migration-gate.v1.dnsLabel" -}}
{{- end -}}
{{- end -}}

{{/* The gate's name inside one application's pod, for the waiter's container and volume. */}}
{{- define "migration-gate.v1.gateName" -}}
{{- include "migration-gate.v1.chartPath" . | replace "/" "-" | default .Chart.Name | include "migration-gate.v1.dnsLabel" -}}
{{- end -}}

{{- define "migration-gate.v1.jobName" -}}
{{- include "migration-gate.v1.fullname" . }}-{{ include "migration-gate.v1.identity" . -}}
{{- end -}}

{{- define "migration-gate.v1.ledgerName" -}}
{{- include "migration-gate.v1.fullname" . }}-ledger
{{- end -}}

{{- define "migration-gate.v1.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (include "migration-gate.v1.fullname" .) -}}
{{- end -}}

{{/*
A value that may be a template, in a scope that knows the release's name and namespace but neither its revision nor
whether it is an upgrade: a name that changed with them would run the migrations again. Takes (list scope text).
*/}}
{{- define "migration-gate.v1.tpl" -}}
{{- $scope := first . -}}
{{- $release := pick $scope.Release "Name" "Namespace" -}}
{{- tpl (last .) (dict "Release" $release "Values" $scope.Values "Chart" $scope.Chart "Template" $scope.Template) -}}
{{- end -}}
