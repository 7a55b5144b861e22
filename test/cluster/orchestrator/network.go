package main

import (
	"context"
	"errors"
	"os"
)

// ensureNetwork gives the node an address of its own. It sits on an empty bridge: pods cannot reach loopback
// addresses, and not every kernel has dummy devices.
func ensureNetwork(ctx context.Context) error {
	if !exists("/sys/class/net/" + nodeBridge) {
		if _, err := output(ctx, "ip", "link", "add", nodeBridge, "type", "bridge"); err != nil {
			return err
		}
	}
	// Each of these may be repeated: a killed `up` can have left the bridge without them.
	if _, err := output(ctx, "ip", "address", "replace", nodeIP+"/32", "dev", nodeBridge); err != nil {
		return err
	}
	if _, err := output(ctx, "ip", "link", "set", nodeBridge, "up"); err != nil {
		return err
	}
	// kube-proxy rewrites what is sent to a Service, but the kernel sends nothing to where it has no route, and a machine
	// without a network has no default one.
	_, err := output(ctx, "ip", "route", "replace", serviceCIDR, "dev", nodeBridge)
	return err
}

// removeNetwork removes both bridges and the ends of the pods' cables that are still plugged in.
func removeNetwork(ctx context.Context) error {
	var failures []error
	for _, port := range bridgePorts(podBridge) {
		_, err := output(ctx, "ip", "link", "delete", port)
		failures = append(failures, err)
	}
	for _, bridge := range []string{podBridge, nodeBridge} {
		if exists("/sys/class/net/" + bridge) {
			_, err := output(ctx, "ip", "link", "delete", bridge)
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

func bridgePorts(bridge string) []string {
	entries, _ := os.ReadDir("/sys/class/net/" + bridge + "/brif")
	var ports []string
	for _, entry := range entries {
		ports = append(ports, entry.Name())
	}
	return ports
}
