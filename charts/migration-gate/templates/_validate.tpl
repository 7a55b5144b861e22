{{/*
What the schema cannot say: settings that are missing, contradict each other or would hurt. All problems are reported at
once, each with its fix. The identity includes it, so that no Job and no waiter is rendered without.
*/}}
{{- define "migration-gate.v1.validate" -}}
{{- $problems := list -}}
{{- $checks := list "imageProblems" "databaseProblems" "limitProblems" "accessProblems" "networkPolicyProblems" -}}
{{- if include "migration-gate.v1.hasLostValues" . }}{{ $checks = list "lostValuesProblem" }}{{ end -}}
{{- range $checks -}}
{{- $problems = concat $problems (include (printf "migration-gate.v1.%s" .) $ | trim | splitList "\n" | compact) -}}
{{- end -}}
{{- if $problems -}}
{{- fail (printf "%s cannot be rendered:\n- %s" (include "migration-gate.v1.chartPath" . | default .Chart.Name) (join "\n- " $problems)) -}}
{{- end -}}
{{- end -}}

{{/*
Helm 3 shares the dependencies of a chart between the aliases of that chart. A gate that has an alias, too, then loses
it and all its values in the second application.
*/}}
{{- define "migration-gate.v1.hasLostValues" -}}
{{- $set := list .Values.image.repository .Values.image.tag .Values.image.digest .Values.database.existingSecret | compact -}}
{{- if and (not $set) (hasPrefix "v3." .Capabilities.HelmVersion.Version) (contains "/" (include "migration-gate.v1.chartPath" .)) }}true{{ end -}}
{{- end -}}

{{- define "migration-gate.v1.lostValuesProblem" -}}
{{- $path := include "migration-gate.v1.valuePath" (list . "") -}}
{{ $path }}.image and {{ $path }}.database are empty: set them; if you did, under an alias: Helm 3 loses the values of an aliased migration-gate in an application that has two aliases itself, so remove the gate's alias from the application's Chart.yaml, or use Helm 4
{{- end -}}

{{/* An image must be named, and by something that does not change its meaning. */}}
{{- define "migration-gate.v1.imageProblems" -}}
{{- $path := include "migration-gate.v1.valuePath" (list . "image") -}}
{{- if not .Values.image.repository }}
{{ $path }}.repository is empty: set it to the image with the migrator and your SQL files
{{- end }}
{{- if not (or .Values.image.tag .Values.image.digest) }}
{{ $path }}.tag is empty: set it (or {{ $path }}.digest) to the version of your migrations; there is no default, because only a new tag starts a run
{{- end }}
{{- include "migration-gate.v1.imageReferenceProblems" (list $path .Values.image) }}
{{- include "migration-gate.v1.imageReferenceProblems" (list (include "migration-gate.v1.valuePath" (list . "waiter.image")) .Values.waiter.image) }}
{{- end -}}

{{- define "migration-gate.v1.imageReferenceProblems" -}}
{{- $path := first . -}}
{{- with last . }}
{{- if regexMatch "(:[^/]*|@.*)$" .repository }}
{{ $path }}.repository ({{ .repository }}) carries a tag or digest: put it into {{ $path }}.tag or {{ $path }}.digest
{{- end }}
{{- if and (eq .tag "latest") (not .digest) }}
{{ $path }}.tag is "latest", which can change without a new run: set a tag that names one version, or {{ $path }}.digest
{{- end }}
{{- end }}
{{- end -}}

{{/* The connection must come from somewhere, from one place, and never from the values. */}}
{{- define "migration-gate.v1.databaseProblems" -}}
{{- $path := include "migration-gate.v1.valuePath" (list . "database.existingSecret") -}}
{{- $envPath := include "migration-gate.v1.valuePath" (list . "migrate.env") -}}
{{- $names := list -}}
{{- range .Values.migrate.env }}
{{- $names = append $names .name }}
{{- if and .value (has .name (list "DATABASE_URL" "PGPASSWORD")) }}
{{ $envPath }} holds {{ .name }} in plain text: put it into a Secret and use valueFrom.secretKeyRef, or {{ $path }}
{{- end }}
{{- end }}
{{- if .Values.database.existingSecret }}
{{- if has "DATABASE_URL" $names }}
DATABASE_URL is set by {{ $path }} and by {{ $envPath }}: remove one of them
{{- end }}
{{- else if not (or .Values.migrate.envFrom (has "DATABASE_URL" $names) (has "DATABASE_URL_FILE" $names) (has "PGHOST" $names)) }}
{{ $path }} is empty: set it to the Secret whose key {{ .Values.database.key | quote }} holds the connection URL of the role that may change the schema
{{- end }}
{{- end -}}

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
{{- range .Values.migrate.extraArgs }}
{{- if regexMatch "^--(report|wait-budget|dry-run)(=|$)" . }}
{{ include "migration-gate.v1.valuePath" (list $ "migrate.extraArgs") }} holds {{ . }}, which the chart decides: remove it{{ if hasPrefix "--wait-budget" . }} and set migrate.waitBudgetSeconds{{ end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* What would open the gate wrongly, or never. */}}
{{- define "migration-gate.v1.accessProblems" -}}
{{- range $key, $_ := .Values.job.annotations }}
{{- if hasPrefix "helm.sh/" $key }}
{{ include "migration-gate.v1.valuePath" (list $ "job.annotations") }} holds {{ $key }}: remove it; a hook runs before the release's Secrets exist or waits for pods that wait for it, and a kept Job breaks `helm rollback`
{{- end }}
{{- end }}
{{- if not (or .Values.serviceAccount.create .Values.serviceAccount.name) }}
{{ include "migration-gate.v1.valuePath" (list . "serviceAccount.name") }} is empty while serviceAccount.create is false: name the service account of the Job
{{- end }}
{{- end -}}

{{/* A rule without peers would allow every destination. */}}
{{- define "migration-gate.v1.networkPolicyProblems" -}}
{{- $fixes := dict
  "database" "set it to your database, for example [{podSelector: {matchLabels: {app: postgres}}}] or [{ipBlock: {cidr: 192.0.2.10/32}}]"
  "apiServer" "set it to the addresses that `kubectl get endpointslices --namespace default --selector kubernetes.io/service-name=kubernetes` shows, for example [{ipBlock: {cidr: 192.0.2.1/32}}]"
  "dns" "leave it out for kube-dns in kube-system, or set it to your DNS" -}}
{{- if .Values.networkPolicy.enabled }}
{{- range $destination, $fix := $fixes }}
{{- $path := include "migration-gate.v1.valuePath" (list $ (printf "networkPolicy.%s" $destination)) }}
{{- if not (index $.Values.networkPolicy $destination).to }}
{{ $path }}.to is empty, which would allow every destination: {{ $fix }}
{{- end }}
{{- end }}
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
