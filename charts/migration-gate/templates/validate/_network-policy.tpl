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
