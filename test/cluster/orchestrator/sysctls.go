package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
)

// sysctls are the kernel settings that the cluster changes: forwarding here, bridged packets through iptables here,
// the rest by kubelet and kube-proxy. `down` puts back what was there before.
var sysctls = []string{
	"net/ipv4/ip_forward", "net/ipv4/conf/all/route_localnet", "net/bridge/bridge-nf-call-iptables",
	"vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops",
	"kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes",
}

func savedSysctls() string { return state("sysctls.json") }

// saveSysctls keeps the values from before the first `up`; later ones leave the record alone.
func saveSysctls() error {
	if exists(savedSysctls()) {
		return nil
	}
	values := map[string]string{}
	for _, name := range sysctls {
		if value, err := os.ReadFile("/proc/sys/" + name); err == nil {
			values[name] = strings.TrimSpace(string(value))
		}
	}
	content, err := json.Marshal(values)
	if err != nil {
		return err
	}
	return writeFile(savedSysctls(), content, 0o644)
}

func restoreSysctls() error {
	content, err := os.ReadFile(savedSysctls())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var values map[string]string
	if err := json.Unmarshal(content, &values); err != nil {
		return err
	}
	var failures []error
	for name, value := range values {
		now, err := os.ReadFile("/proc/sys/" + name)
		if err == nil && strings.TrimSpace(string(now)) != value {
			failures = append(failures, os.WriteFile("/proc/sys/"+name, []byte(value), 0))
		}
	}
	return errors.Join(failures...)
}

// ensureForwarding lets the machine route for its pods, and reports whether bridged packets pass through iptables.
func ensureForwarding(ctx context.Context) (bridged bool, err error) {
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0); err != nil {
		return false, err
	}
	const bridgeCalls = "/proc/sys/net/bridge/bridge-nf-call-iptables"
	if !exists(bridgeCalls) {
		_, _ = output(ctx, "modprobe", "br_netfilter") // may be built in, or absent: the next line tells
	}
	return os.WriteFile(bridgeCalls, []byte("1"), 0) == nil, nil
}
