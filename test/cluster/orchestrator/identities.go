package main

import "crypto/x509/pkix"

// clients are the identities that talk to the API server; RBAC knows them by name and group.
var clients = map[string]pkix.Name{
	"admin":                   {CommonName: "migration-gate:admin", Organization: []string{"system:masters"}},
	"kube-controller-manager": {CommonName: "system:kube-controller-manager"},
	"kube-scheduler":          {CommonName: "system:kube-scheduler"},
	"kubelet":                 {CommonName: "system:node:" + nodeName, Organization: []string{"system:nodes"}},
	"kube-proxy":              {CommonName: "system:kube-proxy"},
	"coredns":                 {CommonName: "system:coredns"},
}

// callers are the API server's own identities towards the kubelet and etcd.
var callers = map[string]pkix.Name{
	"kube-apiserver-kubelet": {CommonName: "migration-gate:kube-apiserver", Organization: []string{"system:masters"}},
	"kube-apiserver-etcd":    {CommonName: "kube-apiserver"},
}

// servers maps each listening part to the names and addresses under which others call it.
var servers = map[string][]string{
	"etcd":                           {"127.0.0.1"},
	"kube-controller-manager-server": {"127.0.0.1"},
	"kube-scheduler-server":          {"127.0.0.1"},
	"kubelet-server":                 {nodeIP, nodeName},
	"kube-apiserver": {
		"127.0.0.1", nodeIP, serviceIP, "localhost", "kubernetes", "kubernetes.default",
		"kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
	},
}
