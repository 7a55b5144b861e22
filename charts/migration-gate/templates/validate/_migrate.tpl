{{/* What the chart says to the containers, its users must not say otherwise, and passwords stay out of the values. */}}
{{- define "migration-gate.v1.migrateProblems" -}}
{{- $argsPath := include "migration-gate.v1.valuePath" (list . "migrate.extraArgs") -}}
{{- $envPath := include "migration-gate.v1.valuePath" (list . "migrate.env") -}}
{{- range .Values.migrate.extraArgs }}
{{- include "migration-gate.v1.decidedProblem" (list $ $argsPath . (splitList "=" . | first | trimPrefix "--")) }}
{{- end }}
{{- range .Values.migrate.env }}
{{- if hasPrefix "MIGRATOR_" .name }}
{{- include "migration-gate.v1.decidedProblem" (list $ $envPath .name (trimPrefix "MIGRATOR_" .name | lower | replace "_" "-")) }}
{{- end }}
{{- if include "migration-gate.v1.holdsPassword" (list .name .value) }}
{{ $envPath }} holds {{ .name }} in plain text: put it into a Secret and use valueFrom.secretKeyRef, or {{ include "migration-gate.v1.valuePath" (list $ "database.existingSecret") }}
{{- end }}
{{- end }}
{{- range .Values.waiter.env }}
{{- if hasPrefix "WAITER_" .name }}
{{ include "migration-gate.v1.valuePath" (list $ "waiter.env") }} holds {{ .name }}, which the chart decides: remove it
{{- end }}
{{- end }}
{{- end -}}

{{/* Takes (list scope path spelling flag). */}}
{{- define "migration-gate.v1.decidedProblem" -}}
{{- $flag := last . -}}
{{- $decided := list "report" "wait-budget" "dry-run" -}}
{{- if include "migration-gate.v1.filesConfigMapName" (first .) }}{{ $decided = concat $decided (list "dir" "checksum" "ignore") }}{{ end -}}
{{- if has $flag $decided }}
{{ index . 1 }} holds {{ index . 2 }}, which the chart decides: remove it{{ if eq $flag "wait-budget" }} and set migrate.waitBudgetSeconds{{ end }}
{{- end }}
{{- end -}}

{{/* "true" where a variable or an argument spells a password out; `$(NAME)` stands for another variable. Takes (list name value). */}}
{{- define "migration-gate.v1.holdsPassword" -}}
{{- $value := last . | default "" -}}
{{- $isNamed := and (regexMatch "PASSWORD$|^DATABASE_URL$" (first .)) (regexMatch "^[^$]" $value) -}}
{{- $isInUrl := regexMatch "://[^/@:]*:[^$/@][^/@]*@|[?&]password=[^$&]" $value -}}
{{- if or $isNamed $isInUrl }}true{{ end -}}
{{- end -}}
