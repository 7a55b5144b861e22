{{/* What depends on whether the image runs this project's migrator or another tool. */}}

{{/* "true" for another tool: it knows neither our flags nor our report, so its exit code is all that is heard of it. */}}
{{- define "migration-gate.v1.isOtherTool" -}}
{{- if eq .Values.migrate.tool "other" }}true{{ end -}}
{{- end -}}

{{/* How long one attempt may wait, in seconds; nothing is known about another tool's attempts. */}}
{{- define "migration-gate.v1.waitBudgetSeconds" -}}
{{- if include "migration-gate.v1.isOtherTool" . }}0{{ else }}{{ .Values.migrate.waitBudgetSeconds | default 300 | int }}{{ end -}}
{{- end -}}

{{/* The exit codes of `migrate` that a retry cannot help, as a JSON list: sorted, as Kubernetes wants them. */}}
{{- define "migration-gate.v1.permanentExitCodes" -}}
{{- $given := .Values.migrate.permanentExitCodes -}}
{{- if kindIs "invalid" $given }}{{ $given = ternary list (list 2 3 4) (include "migration-gate.v1.isOtherTool" . | eq "true") }}{{ end -}}
{{- $codes := list -}}
{{- range $given }}{{ $codes = append $codes (int .) }}{{ end -}}
{{- $sorted := list -}}
{{- range untilStep 1 256 1 }}{{ if has . $codes }}{{ $sorted = append $sorted . }}{{ end }}{{ end -}}
{{- toJson $sorted -}}
{{- end -}}
