{{/* What one kind of tool needs, and the other cannot use. */}}
{{- define "migration-gate.v1.toolProblems" -}}
{{- $path := include "migration-gate.v1.valuePath" (list . "migrate") -}}
{{- with .Values.migrate }}
{{- if eq .tool "other" }}
{{- if kindIs "invalid" .permanentExitCodes }}
{{ $path }}.permanentExitCodes is unset, and {{ $path }}.tool is "other": list the exit codes by which the tool says that a retry cannot help, or set [] to retry every failure; docs/other-migrators.md knows them for many tools
{{- end }}
{{- if .extraArgs }}
{{ $path }}.extraArgs holds arguments of migration-gate's own migrator, and {{ $path }}.tool is "other": put all arguments of the tool into {{ $path }}.args
{{- end }}
{{- range .args }}
{{- if include "migration-gate.v1.holdsPassword" (list "" .) }}
{{ $path }}.args holds a password in plain text: write $(DATABASE_URL), or $(NAME) for a variable of {{ $path }}.env that comes from a Secret
{{- end }}
{{- end }}
{{- if $.Values.files.existingConfigMap }}
{{ include "migration-gate.v1.valuePath" (list $ "files.existingConfigMap") }} is set, and {{ $path }}.tool is "other": no other tool compares the files with files.checksum, so a changed ConfigMap would go unnoticed; put the files into files.inline or into the image
{{- end }}
{{- if .waitBudgetSeconds }}
{{ $path }}.waitBudgetSeconds is a limit of migration-gate's own migrator, and {{ $path }}.tool is "other": remove it, and limit the tool's waiting by its own settings
{{- end }}
{{- else }}
{{- range $name := list "command" "args" }}
{{- if get $.Values.migrate $name }}
{{ $path }}.{{ $name }} is for another tool's image: set {{ $path }}.tool to "other", or put further arguments of migration-gate's own migrator into {{ $path }}.extraArgs
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
