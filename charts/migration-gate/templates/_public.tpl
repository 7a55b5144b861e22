{{/*
The helpers for application charts. Their names carry the version of their contract: what a name takes and prints never
changes, because in an umbrella of several applications Helm keeps only one definition of each name.
*/}}

{{/* The init container that waits, as a list item; nothing for a disabled gate. Takes the subchart's scope. */}}
{{- define "migration-gate.v1.initContainer" -}}
{{- if include "migration-gate.v1.isEnabled" . -}}
{{- include "migration-gate.v1.waitContainer" (list .) -}}
{{- end -}}
{{- end -}}

{{/* The volume with the waiter's token, as a list item; nothing for a disabled gate. Takes the subchart's scope. */}}
{{- define "migration-gate.v1.volume" -}}
{{- if include "migration-gate.v1.isEnabled" . -}}
{{- include "migration-gate.v1.tokenVolume" (include "migration-gate.v1.tokenVolumeName" .) -}}
{{- end -}}
{{- end -}}

{{/*
The progressDeadlineSeconds with which a long migration does not fail the rollout, or Kubernetes' default of 600 where
every gate is disabled. Takes the subchart's scope, or a list of them.
*/}}
{{- define "migration-gate.v1.progressDeadlineSeconds" -}}
{{- $seconds := 0 -}}
{{- range ternary . (list .) (kindIs "slice" .) -}}
{{- if include "migration-gate.v1.isEnabled" . -}}
{{- $seconds = max $seconds (include "migration-gate.v1.timeoutSeconds" . | int) -}}
{{- end -}}
{{- end -}}
{{- $seconds | default 600 -}}
{{- end -}}

{{/*
A pod spec with one waiter in front for all gates. Takes (list scope … podSpec): scopes of subcharts, disabled
ones included, and the pod spec as an object, which is not changed. It
- puts the waiter before the other init containers and adds the volume with its token,
- adds the gates' imagePullSecrets,
- sets automountServiceAccountToken to false where it is unset, so that the application gets no token through the gate,
- lets the waiter run as 65532 where the pod runs as root,
- fails where the pod's service account is the Job's or may not read the Job, and where there is no such subchart.
*/}}
{{- define "migration-gate.v1.gate" -}}
{{- $usage := `call it as include "migration-gate.v1.gate" (list .Subcharts.NAME (include "yourchart.podSpec" . | fromYaml))` -}}
{{- $podSpec := last . -}}
{{- if not (kindIs "map" $podSpec) }}{{ fail (printf "migration-gate.v1.gate: the last argument is not a pod spec: %s" $usage) }}{{ end -}}
{{- if not (hasKey $podSpec "containers") }}{{ fail (printf "migration-gate.v1.gate: the pod spec has no containers: %s%s" $usage (ternary (printf " (%s)" $podSpec.Error) "" (hasKey $podSpec "Error"))) }}{{ end -}}
{{- $podSpec = deepCopy $podSpec -}}
{{- $gates := list -}}
{{- range initial . }}{{ if include "migration-gate.v1.isEnabled" . }}{{ $gates = append $gates . }}{{ end }}{{ end -}}
{{- if $gates -}}
{{- include "migration-gate.v1.requireDistinctNames" $gates -}}
{{- $waiter := include "migration-gate.v1.waitContainer" $gates | fromYamlArray | first -}}
{{- $podSecurityContext := $podSpec.securityContext | default dict -}}
{{- if and (hasKey $podSecurityContext "runAsUser") (eq (int $podSecurityContext.runAsUser) 0) -}}
{{- $_ := set $waiter "securityContext" (merge ($waiter.securityContext | default dict) (dict "runAsUser" 65532)) -}}
{{- end -}}
{{- $pullSecrets := $podSpec.imagePullSecrets | default list -}}
{{- range $gates -}}
{{- include "migration-gate.v1.requireServiceAccount" (list . ($podSpec.serviceAccountName | default "default")) -}}
{{- $pullSecrets = concat $pullSecrets (include "migration-gate.v1.imagePullSecrets" . | fromJsonArray) -}}
{{- end -}}
{{- with uniq $pullSecrets }}{{ $_ := set $podSpec "imagePullSecrets" . }}{{ end -}}
{{- $_ := set $podSpec "initContainers" (prepend ($podSpec.initContainers | default list) $waiter) -}}
{{- $_ := set $podSpec "volumes" (concat ($podSpec.volumes | default list) (include "migration-gate.v1.volume" (first $gates) | fromYamlArray)) -}}
{{- if not (hasKey $podSpec "automountServiceAccountToken") }}{{ $_ := set $podSpec "automountServiceAccountToken" false }}{{ end -}}
{{- end -}}
{{- toYaml $podSpec -}}
{{- end -}}
