{{/* A token for the API server that only the containers with the matching mount see. Takes the volume's name. */}}
{{- define "migration-gate.v1.tokenVolume" -}}
- name: {{ . }}
  projected:
    sources:
      - serviceAccountToken:
          path: token
          expirationSeconds: 3600
      - configMap:
          name: kube-root-ca.crt
          items:
            - key: ca.crt
              path: ca.crt
      - downwardAPI:
          items:
            - path: namespace
              fieldRef:
                fieldPath: metadata.namespace
{{- end -}}

{{- define "migration-gate.v1.tokenMount" -}}
- name: {{ . }}
  mountPath: /var/run/secrets/kubernetes.io/serviceaccount
  readOnly: true
{{- end -}}
