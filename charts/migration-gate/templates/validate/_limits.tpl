{{/* Limits that add up: attempts within the Job's deadline, the deadline within the waiter's patience. */}}
{{- define "migration-gate.v1.limitProblems" -}}
{{- $attempts := add (int .Values.job.backoffLimit) 1 -}}
{{- $floor := add (mul $attempts (int .Values.migrate.waitBudgetSeconds)) 600 -}}
{{- $deadline := int .Values.job.activeDeadlineSeconds -}}
{{- if le $deadline (int $floor) }}
{{ include "migration-gate.v1.valuePath" (list . "job.activeDeadlineSeconds") }} ({{ $deadline }}) does not leave room for {{ $attempts }} attempts that wait {{ int .Values.migrate.waitBudgetSeconds }} s each: set it above {{ $floor }}, or lower job.backoffLimit or migrate.waitBudgetSeconds
{{- end }}
{{- if and .Values.waiter.timeoutSeconds (le (int .Values.waiter.timeoutSeconds) $deadline) }}
{{ include "migration-gate.v1.valuePath" (list . "waiter.timeoutSeconds") }} ({{ int .Values.waiter.timeoutSeconds }}) ends before the Job does: set it above job.activeDeadlineSeconds ({{ $deadline }}), or leave it unset
{{- end }}
{{- if and (not (kindIs "invalid" .Values.job.ttlSecondsAfterFinished)) (lt (int .Values.job.ttlSecondsAfterFinished) 600) }}
{{ include "migration-gate.v1.valuePath" (list . "job.ttlSecondsAfterFinished") }} ({{ int .Values.job.ttlSecondsAfterFinished }}) deletes the Job before Helm and people have seen its result: set at least 600, or leave it unset
{{- end }}
{{- end -}}
