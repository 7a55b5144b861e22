{{/* What the chart says to the migrator, its users must not say otherwise. */}}
{{- define "migration-gate.v1.migrateProblems" -}}
{{- range .Values.migrate.extraArgs }}
{{- if regexMatch "^--(report|wait-budget|dry-run)(=|$)" . }}
{{ include "migration-gate.v1.valuePath" (list $ "migrate.extraArgs") }} holds {{ . }}, which the chart decides: remove it{{ if hasPrefix "--wait-budget" . }} and set migrate.waitBudgetSeconds{{ end }}
{{- end }}
{{- end }}
{{- end -}}
