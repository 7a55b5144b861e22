{{/* Limits that add up: attempts within the Job's deadline, the deadline within the waiter's patience. */}}
{{- define "migration-gate.v1.limitProblems" -}}
{{- $attempts := add (int .Values.job.backoffLimit) 1 -}}
{{- $budget := include "migration-gate.v1.waitBudgetSeconds" . | int -}}
{{- $floor := add (mul $attempts $budget) 600 -}}
{{- $deadline := int .Values.job.activeDeadlineSeconds -}}
{{- if and (le $deadline (int $floor)) (include "migration-gate.v1.isOtherTool" .) }}
{{ include "migration-gate.v1.valuePath" (list . "job.activeDeadlineSeconds") }} ({{ $deadline }}) leaves too little time for a migration and its retries: set it above {{ $floor }}
{{- else if le $deadline (int $floor) }}
{{ include "migration-gate.v1.valuePath" (list . "job.activeDeadlineSeconds") }} ({{ $deadline }}) does not leave room for {{ $attempts }} attempts that wait {{ $budget }} s each: set it above {{ $floor }}, or lower job.backoffLimit or migrate.waitBudgetSeconds
{{- end }}
{{- if and .Values.waiter.timeoutSeconds (le (int .Values.waiter.timeoutSeconds) $deadline) }}
{{ include "migration-gate.v1.valuePath" (list . "waiter.timeoutSeconds") }} ({{ int .Values.waiter.timeoutSeconds }}) ends before the Job does: set it above job.activeDeadlineSeconds ({{ $deadline }}), or leave it unset
{{- end }}
{{- if and (not (kindIs "invalid" .Values.job.ttlSecondsAfterFinished)) (lt (int .Values.job.ttlSecondsAfterFinished) 600) }}
{{ include "migration-gate.v1.valuePath" (list . "job.ttlSecondsAfterFinished") }} ({{ int .Values.job.ttlSecondsAfterFinished }}) deletes the Job before Helm and people have seen its result: set at least 600, or leave it unset
{{- end }}
{{- end -}}
