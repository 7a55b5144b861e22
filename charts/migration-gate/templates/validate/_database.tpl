{{/* The connection must come from somewhere, from one place, and never from the values. */}}
{{- define "migration-gate.v1.databaseProblems" -}}
{{- $path := include "migration-gate.v1.valuePath" (list . "database") -}}
{{- $names := list -}}
{{- range .Values.migrate.env }}{{ $names = append $names .name }}{{ end -}}
{{- $ownConnection := or .Values.migrate.envFrom (has "DATABASE_URL" $names) (has "DATABASE_URL_FILE" $names) (has "PGHOST" $names) -}}
{{- if include "migration-gate.v1.isOtherTool" . }}{{ $ownConnection = or $ownConnection $names .Values.migrate.volumeMounts }}{{ end -}}
{{- with .Values.database }}
{{- if .host }}
{{- include "migration-gate.v1.databasePartProblems" (list $path .) }}
{{- else }}
{{- range $part := list "name" "user" "userKey" }}
{{- if get $.Values.database $part }}
{{ $path }}.{{ $part }} is set without {{ $path }}.host: set the host, too, or leave the parts to the URL in {{ $path }}.existingSecret
{{- end }}
{{- end }}
{{- if and (include "migration-gate.v1.isOtherTool" $) (not (or .existingSecret $ownConnection)) }}
{{ $path }}.existingSecret is empty, and nothing else says where the database is: set it, or {{ $path }}.host and the parts beside it, or give the tool its connection by migrate.env, migrate.envFrom or a file in migrate.volumeMounts
{{- else if not (or .existingSecret $ownConnection) }}
{{ $path }}.existingSecret is empty: set it to the Secret whose key {{ .key | quote }} holds the connection URL of the role that may change the schema, or set {{ $path }}.host and the parts beside it
{{- end }}
{{- end }}
{{- include "migration-gate.v1.databaseTlsProblems" (list $path .) }}
{{- end }}
{{- end -}}

{{/* Takes (list path database) of a database that is given by its parts. */}}
{{- define "migration-gate.v1.databasePartProblems" -}}
{{- $path := first . -}}
{{- with last . }}
{{- if regexMatch "://|,|^[^:]*:[0-9]+$" .host }}
{{ $path }}.host is {{ .host | quote }}, which is more than one host's name: a URL belongs into a Secret ({{ $path }}.existingSecret), a port into {{ $path }}.port
{{- end }}
{{- if not .name }}
{{ $path }}.name is empty: set it to the database's name
{{- end }}
{{- if not (or .user .userKey) }}
{{ $path }}.user is empty: set it to the role that may change the schema, or {{ $path }}.userKey to the Secret's key that holds its name
{{- else if and .user .userKey }}
{{ $path }}.user and {{ $path }}.userKey both name the role: remove one of them
{{- end }}
{{- if ne .key "url" }}
{{ $path }}.key names a connection URL, and {{ $path }}.host stands instead of one: remove one of them
{{- end }}
{{- if and (or .userKey .passwordKey) (not .existingSecret) }}
{{ $path }}.existingSecret is empty: set it to the Secret whose key {{ .passwordKey | default .userKey | quote }} holds the role's {{ ternary "password" "name" (ne .passwordKey "") }}{{ if and .passwordKey (not .userKey) }}, or set {{ $path }}.passwordKey to "" for a role without a password{{ end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Takes (list path database). */}}
{{- define "migration-gate.v1.databaseTlsProblems" -}}
{{- $path := first . -}}
{{- with last . }}
{{- if and .ca.existingSecret .ca.existingConfigMap }}
{{ $path }}.ca.existingSecret and {{ $path }}.ca.existingConfigMap both hold the certificate: remove one of them
{{- end }}
{{- $isVerified := has .sslmode (list "require" "verify-ca" "verify-full") }}
{{- $leftToUrl := and (not .sslmode) (not .host) }}
{{- if and (or .ca.existingSecret .ca.existingConfigMap) (not (or $isVerified $leftToUrl)) }}
{{ $path }}.sslmode is {{ .sslmode | quote }}, which never looks at {{ $path }}.ca: set it to "verify-full"
{{- end }}
{{- end }}
{{- end -}}
