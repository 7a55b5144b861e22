{{/* What would open the gate wrongly, or never. */}}
{{- define "migration-gate.v1.accessProblems" -}}
{{- $path := include "migration-gate.v1.valuePath" (list . "serviceAccount.name") -}}
{{- $account := include "migration-gate.v1.serviceAccountName" . -}}
{{- if not (or .Values.serviceAccount.create .Values.serviceAccount.name) }}
{{ $path }} is empty while serviceAccount.create is false: name the service account of the Job
{{- else if eq $account "default" }}
{{ $path }} is "default", as which every pod without an account of its own runs, and the Job's may write the ledger: name another
{{- else if has $account (include "migration-gate.v1.readers" . | splitList "\n") }}
{{ include "migration-gate.v1.valuePath" (list . "waiter.serviceAccountNames") }} names {{ $account }}, which is the Job's own service account and may write the ledger: give the application another
{{- end }}
{{- end -}}

{{/* The application's service account must differ from the Job's and be allowed to read it. Takes (list scope name). */}}
{{- define "migration-gate.v1.requireServiceAccount" -}}
{{- $account := last . -}}
{{- with first . -}}
{{- if eq $account (include "migration-gate.v1.serviceAccountName" .) -}}
{{- fail (printf "the application's pods run as the service account %s, which is the migration Job's and may write the ledger: give one of them another (serviceAccountName in the pod spec, %s)" $account (include "migration-gate.v1.valuePath" (list . "serviceAccount.name"))) -}}
{{- end -}}
{{- if .Values.waiter.serviceAccountNames -}}
{{- $readers := include "migration-gate.v1.readers" . | splitList "\n" -}}
{{- if not (has $account $readers) -}}
{{- fail (printf "%s (%s) does not name the application's service account %s, so its pods could not see the Job: add it, or leave the list empty" (include "migration-gate.v1.valuePath" (list . "waiter.serviceAccountNames")) (join ", " $readers) $account) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* waiter.serviceAccountNames, templates resolved, one a line. */}}
{{- define "migration-gate.v1.readers" -}}
{{- $readers := list -}}
{{- range .Values.waiter.serviceAccountNames }}{{ $readers = append $readers (include "migration-gate.v1.tpl" (list $ .)) }}{{ end -}}
{{- join "\n" $readers -}}
{{- end -}}
