{{/* The files come from one place, under names that the migrator knows, and small enough for a ConfigMap. */}}
{{- define "migration-gate.v1.filesProblems" -}}
{{- $path := include "migration-gate.v1.valuePath" (list . "files") -}}
{{- $bytes := 0 -}}
{{- with .Values.files }}
{{- range $name, $sql := .inline }}
{{- $bytes = add $bytes (len $name) (len $sql) }}
{{- if regexMatch "(^|\\.)down\\.sql$" $name }}
{{ $path }}.inline holds {{ $name }}, and down parts never run: leave it out
{{- else if not (regexMatch "^([0-9][0-9-]*_|V[0-9]+([._][0-9]+)*__)[-._a-zA-Z0-9]+\\.sql$" $name) }}
{{ $path }}.inline holds {{ quote $name }}, which is no name of a migration: call it <version>_<name>.sql, of letters, digits, "-", "_" and "."
{{- end }}
{{- end }}
{{- if gt (int $bytes) 921600 }}
{{ $path }}.inline holds {{ $bytes }} bytes, and a ConfigMap has no room for more than 921600 (900 KiB): put the files into an image ({{ include "migration-gate.v1.valuePath" (list $ "image") }})
{{- end }}
{{- if and .inline .existingConfigMap }}
{{ $path }}.inline and {{ $path }}.existingConfigMap are both set: remove one of them
{{- else if and .existingConfigMap (not .checksum) }}
{{ $path }}.checksum is empty: set it to what `sha256sum *.sql | LC_ALL=C sort | sha256sum | cut -c1-64` prints in the folder of {{ $path }}.existingConfigMap; without it nothing notices that the files have changed
{{- else if and .checksum (not .existingConfigMap) }}
{{ $path }}.checksum is set without {{ $path }}.existingConfigMap: remove it, the chart computes that of inline files itself
{{- end }}
{{- end }}
{{- end -}}
