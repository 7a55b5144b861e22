package main

import (
	"context"
	"os"
	"strings"
)

// applyDNS tells the cluster where its DNS is and lets CoreDNS read what it answers from.
func applyDNS(ctx context.Context, a api, l layout) error {
	for _, object := range []struct{ template, path string }{
		{"dns-role.yaml", "/apis/rbac.authorization.k8s.io/v1/clusterroles/migration-gate:coredns"},
		{"dns-binding.yaml", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/migration-gate:coredns"},
		{"dns-service.yaml", "/api/v1/namespaces/kube-system/services/kube-dns"},
		{"dns-endpoints.yaml", "/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices/kube-dns-node"},
	} {
		manifest, err := render(object.template, l)
		if err != nil {
			return err
		}
		if err := a.apply(ctx, object.path, manifest); err != nil {
			return err
		}
	}
	return nil
}

// hasResolver tells whether the machine names a DNS server; CoreDNS does not start on an empty list.
func hasResolver() bool {
	content, _ := os.ReadFile("/etc/resolv.conf")
	for line := range strings.Lines(string(content)) {
		if strings.HasPrefix(strings.TrimSpace(line), "nameserver") {
			return true
		}
	}
	return false
}
