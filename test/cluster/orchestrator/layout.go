package main

import "path/filepath"

// Everything that the cluster puts on the machine is below these directories or carries one of these names, so that
// two things never clash and `down` finds all of it.
const (
	nodeName   = "migration-gate" // also the name of cluster, user and context in the kubeconfig
	stateDir   = "/var/lib/migration-gate-cluster"
	runDir     = "/run/migration-gate-cluster"
	lockFile   = "/run/migration-gate-cluster.lock"
	cgroupName = "migration-gate-cluster"
	nodeBridge = "mgate-node"
	podBridge  = "mgate-pods"
	cniNetwork = "migration-gate"
	pauseImage = "localhost/migration-gate/pause:1"
)

// Addresses and ports. The ports stay clear of NodePorts (30000-32767), of ephemeral ports (from 32768) and of the
// usual ports of Kubernetes, so that another cluster's tools on this machine are not met by surprise.
const (
	nodeIP       = "10.213.0.1"
	podCIDR      = "10.214.0.0/24"
	serviceCIDR  = "10.96.0.0/16"
	serviceIP    = "10.96.0.1"
	dnsIP        = "10.96.0.10"
	apiPort      = "26443"
	registryAddr = "127.0.0.1:5000"
)

// layout is what the configuration files and command lines of the parts are made from.
type layout struct {
	Node, NodeIP, NodeBridge, PodBridge     string
	PodCIDR, ServiceCIDR, ServiceIP, DNSIP  string
	APIPort, CNINetwork, Cgroup, PauseImage string
	State, Run, RegistryAddr                string
	CNIPlugins                              string
	// ForwardDNS is false where the machine has no resolver to which unknown names could go.
	ForwardDNS bool
	// MasqueradeAll is needed where bridged packets bypass iptables: answers of a pod to its neighbour would then
	// skip the translation back from the pod's to the Service's address.
	MasqueradeAll bool
}

func newLayout() layout {
	return layout{
		Node: nodeName, NodeIP: nodeIP, NodeBridge: nodeBridge, PodBridge: podBridge,
		PodCIDR: podCIDR, ServiceCIDR: serviceCIDR, ServiceIP: serviceIP, DNSIP: dnsIP,
		APIPort: apiPort, CNINetwork: cniNetwork, Cgroup: cgroupName, PauseImage: pauseImage,
		State: stateDir, Run: runDir, RegistryAddr: registryAddr,
	}
}

func state(elements ...string) string {
	return filepath.Join(append([]string{stateDir}, elements...)...)
}

func run(elements ...string) string {
	return filepath.Join(append([]string{runDir}, elements...)...)
}

func kubeconfigFile() string    { return state("kubeconfig") }
func containerdSocket() string  { return run("containerd", "containerd.sock") }
func pki(name string) string    { return state("pki", name) }
func config(name string) string { return state("config", name) }
