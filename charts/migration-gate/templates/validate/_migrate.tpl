{{/* What the chart says to the migrator, its users must not say otherwise. */}}
{{- define "migration-gate.v1.migrateProblems" -}}
{{- $decided := list "report" "wait-budget" "dry-run" -}}
{{- if include "migration-gate.v1.filesConfigMapName" . }}{{ $decided = concat $decided (list "dir" "checksum" "ignore") }}{{ end -}}
{{- range .Values.migrate.extraArgs }}
{{- if regexMatch (printf "^--(%s)(=|$)" (join "|" $decided)) . }}
{{ include "migration-gate.v1.valuePath" (list $ "migrate.extraArgs") }} holds {{ . }}, which the chart decides: remove it{{ if hasPrefix "--wait-budget" . }} and set migrate.waitBudgetSeconds{{ end }}
{{- end }}
{{- end }}
{{- end -}}
