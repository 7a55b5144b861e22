package main

import "path/filepath"

// part is one long-running process of the cluster.
type part struct {
	name string
	argv []string
	// files are the configuration files that it reads at its start: a changed one means a restart.
	files []string
}

// clusterParts lists the parts in the order of their start. program is the binary of the Kubernetes parts.
func clusterParts(program string) []part {
	kubernetes := func(name string, files []string, flags ...string) part {
		return part{name, append([]string{program, name}, flags...), files}
	}
	return []part{
		kubernetes("etcd", nil,
			"--name="+nodeName,
			"--data-dir="+state("etcd"),
			"--listen-client-urls=https://127.0.0.1:23790",
			"--advertise-client-urls=https://127.0.0.1:23790",
			"--listen-peer-urls=https://127.0.0.1:23800",
			"--initial-advertise-peer-urls=https://127.0.0.1:23800",
			"--initial-cluster="+nodeName+"=https://127.0.0.1:23800",
			"--client-cert-auth", "--trusted-ca-file="+pki("ca.crt"),
			"--cert-file="+pki("etcd.crt"), "--key-file="+pki("etcd.key"),
			"--peer-client-cert-auth", "--peer-trusted-ca-file="+pki("ca.crt"),
			"--peer-cert-file="+pki("etcd.crt"), "--peer-key-file="+pki("etcd.key"),
			// The data need not survive a power cut: after one, `up` starts from nothing.
			"--unsafe-no-fsync",
			"--log-level=warn",
		),
		{"containerd", []string{"containerd", "--config", config("containerd.toml")}, []string{config("containerd.toml")}},
		kubernetes("kube-apiserver", nil,
			"--advertise-address="+nodeIP,
			"--secure-port="+apiPort,
			"--cert-dir="+state("pki"),
			"--tls-cert-file="+pki("kube-apiserver.crt"), "--tls-private-key-file="+pki("kube-apiserver.key"),
			"--client-ca-file="+pki("ca.crt"),
			"--etcd-servers=https://127.0.0.1:23790",
			"--etcd-cafile="+pki("ca.crt"),
			"--etcd-certfile="+pki("kube-apiserver-etcd.crt"), "--etcd-keyfile="+pki("kube-apiserver-etcd.key"),
			"--kubelet-certificate-authority="+pki("ca.crt"),
			"--kubelet-client-certificate="+pki("kube-apiserver-kubelet.crt"),
			"--kubelet-client-key="+pki("kube-apiserver-kubelet.key"),
			"--kubelet-preferred-address-types=InternalIP",
			"--authorization-mode=Node,RBAC",
			"--enable-admission-plugins=NodeRestriction",
			"--service-cluster-ip-range="+serviceCIDR,
			"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
			"--service-account-key-file="+pki("service-account.pub"),
			"--service-account-signing-key-file="+pki("service-account.key"),
		),
		kubernetes("kube-controller-manager", nil,
			"--kubeconfig="+config("kube-controller-manager.kubeconfig"),
			"--bind-address=127.0.0.1", "--secure-port=26257",
			"--tls-cert-file="+pki("kube-controller-manager-server.crt"), "--tls-private-key-file="+pki("kube-controller-manager-server.key"),
			"--leader-elect=false",
			"--use-service-account-credentials",
			"--root-ca-file="+pki("ca.crt"),
			"--service-account-private-key-file="+pki("service-account.key"),
			"--cluster-signing-cert-file="+pki("ca.crt"), "--cluster-signing-key-file="+pki("ca.key"),
		),
		kubernetes("kube-scheduler", nil,
			"--kubeconfig="+config("kube-scheduler.kubeconfig"),
			"--bind-address=127.0.0.1", "--secure-port=26259",
			"--tls-cert-file="+pki("kube-scheduler-server.crt"), "--tls-private-key-file="+pki("kube-scheduler-server.key"),
			"--leader-elect=false",
		),
		kubernetes("kubelet", []string{config("kubelet.yaml")},
			"--config="+config("kubelet.yaml"),
			"--kubeconfig="+config("kubelet.kubeconfig"),
			"--root-dir="+state("kubelet"), "--cert-dir="+state("kubelet", "pki"),
			"--hostname-override="+nodeName, "--node-ip="+nodeIP,
		),
		kubernetes("kube-proxy", []string{config("kube-proxy.yaml")}, "--config="+config("kube-proxy.yaml")),
		kubernetes("coredns", []string{config("Corefile")}, "-conf", config("Corefile")),
	}
}

// registryPart serves images over plain HTTP, for whoever wants to push rather than load.
func registryPart() part {
	return part{"registry", []string{"docker-registry", "serve", config("registry.yaml")}, []string{config("registry.yaml")}}
}

func recordFile(name string) string { return run("parts", name+".json") }
func logFile(name string) string    { return state("logs", filepath.Base(name)+".log") }
