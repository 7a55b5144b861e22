{{/*
Ten hexadecimal digits that stand for "this set of migrations, run this way": a hash of everything in the Job that
Kubernetes does not let change, and of job.rerunToken. It is a part of the Job's name, the waiter's argument and the
ledger's key.

The Job and the waiter are rendered by different charts and must agree, so the first to ask leaves the answer in the
values that both share, and whoever gets another one fails. The hash is taken of JSON with sorted keys, so that the layout
of the templates does not count.
*/}}
{{- define "migration-gate.v1.identity" -}}
{{- $podTemplate := include "migration-gate.v1.podTemplate" (list . "") | fromYaml -}}
{{- with $podTemplate.Error }}{{ fail (printf "migration-gate: the Job's pod template is not valid YAML: %s" .) }}{{ end -}}
{{- include "migration-gate.v1.validate" (list . $podTemplate) -}}
{{- $immutable := dict
  "template" $podTemplate
  "podFailurePolicy" (include "migration-gate.v1.podFailurePolicy" . | fromYaml)
  "rerunToken" .Values.job.rerunToken -}}
{{- $identity := toJson $immutable | sha256sum | trunc 10 -}}
{{- with .Values._identity -}}
{{- if ne . $identity -}}
{{- fail (printf "%s: identity drift: the values changed while the chart was rendered, so the Job (%s) and the waiter (%s) would never meet: do not change .Values in templates" (include "migration-gate.v1.valuePath" (list $ "")) . $identity) -}}
{{- end -}}
{{- end -}}
{{- $_ := set .Values "_identity" $identity -}}
{{- $identity -}}
{{- end -}}
