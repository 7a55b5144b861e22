{{/* The application's pod, which knows nothing of migrations: the gate is put around it in deployment.yaml. */}}
{{- define "blog.podSpec" -}}
serviceAccountName: {{ include "blog.fullname" . }}
terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
securityContext:
  runAsNonRoot: true
  seccompProfile:
    type: RuntimeDefault
containers:
  - name: blog
    image: {{ printf "%s:%s" .Values.image.repository (required "image.tag is empty: set it to the version of the application" .Values.image.tag) | quote }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    ports:
      - name: http
        containerPort: 8080
    env:
      - name: DATABASE_URL
        valueFrom:
          secretKeyRef:
            name: {{ .Values.database.existingSecret }}
            key: {{ .Values.database.key }}
      - name: BLOG_CATEGORIES
        value: {{ .Values.features.categories | quote }}
      - name: POD_NAME
        valueFrom:
          fieldRef:
            fieldPath: metadata.name
    startupProbe:
      httpGet:
        path: /healthz
        port: http
      periodSeconds: 1
      failureThreshold: 30
    readinessProbe:
      httpGet:
        path: /readyz
        port: http
      periodSeconds: 1
      timeoutSeconds: 2
    livenessProbe:
      httpGet:
        path: /healthz
        port: http
      periodSeconds: 10
      timeoutSeconds: 5
    lifecycle:
      preStop:
        sleep:
          seconds: {{ .Values.preStopSleepSeconds }}
    resources:
      {{- toYaml .Values.resources | nindent 6 }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities:
        drop: [ALL]
{{- end -}}
