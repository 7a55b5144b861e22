package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// need is something that the machine must have, and the Debian package that brings it.
type need struct {
	debian string
	here   func() bool
}

func command(name string) func() bool {
	return func() bool { _, err := exec.LookPath(name); return err == nil }
}

var clusterNeeds = []need{
	{"containerd", command("containerd")},
	{"runc", command("runc")},
	{"containernetworking-plugins", func() bool { return cniPlugins() != "" }},
	{"iptables", command("iptables-save")},
	{"iproute2", command("ip")},
	{"mount", command("mount")},
}

// imageNeeds is what `load` takes images from by name, where there is neither of the two.
var imageNeeds = []need{{"buildah", func() bool { return command("buildah")() || command("docker")() }}}

var registryNeeds = []need{{"docker-registry", command("docker-registry")}}

// cniPlugins finds the directory of the network plugins: Debian's, or the one of upstream's archives.
func cniPlugins() string {
	for _, dir := range []string{"/usr/lib/cni", "/opt/cni/bin"} {
		if exists(dir + "/bridge") {
			return dir
		}
	}
	return ""
}

// missingPackages lists the packages of the needs that are not met.
func missingPackages(needs []need) []string {
	var names []string
	for _, n := range needs {
		if !n.here() {
			names = append(names, n.debian)
		}
	}
	return names
}

// ensurePackages installs what is missing where that is possible, and otherwise says what to install.
func ensurePackages(ctx context.Context, needs []need) error {
	names := missingPackages(needs)
	if len(names) == 0 {
		return nil
	}
	if !command("apt-get")() {
		return fmt.Errorf("please install what the local cluster needs (Debian's names: %s)", strings.Join(names, " "))
	}
	say("installing %s", strings.Join(names, " "))
	if err := install(ctx, names); err != nil {
		return fmt.Errorf("install %s: %w", strings.Join(names, " "), err)
	}
	if still := missingPackages(needs); len(still) > 0 {
		return fmt.Errorf("installed, but still not found: %s", strings.Join(still, " "))
	}
	return nil
}

func install(ctx context.Context, names []string) error {
	restore, err := forbidServices()
	if err != nil {
		return err
	}
	defer restore()
	if err := aptInstall(ctx, names); err == nil {
		return disableServices(ctx, names)
	}
	// Package lists may be absent or too old.
	if _, err := apt(ctx, "update"); err != nil {
		return err
	}
	if err := aptInstall(ctx, names); err != nil {
		return err
	}
	return disableServices(ctx, names)
}

func aptInstall(ctx context.Context, names []string) error {
	_, err := apt(ctx, append([]string{"install", "--yes", "--no-install-recommends"}, names...)...)
	return err
}

func apt(ctx context.Context, arguments ...string) (string, error) {
	return output(ctx, "env", append([]string{"DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet",
		"--option=DPkg::Lock::Timeout=300"}, arguments...)...)
}

// forbidServices keeps the packages from starting their own services (containerd.service and a registry) while they
// are installed; a policy that is already there stays.
func forbidServices() (restore func(), err error) {
	const policy = "/usr/sbin/policy-rc.d"
	file, err := os.OpenFile(policy, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if errors.Is(err, os.ErrExist) {
		return func() {}, nil
	}
	if err != nil {
		return nil, err
	}
	_, err = file.WriteString("#!/bin/sh\nexit 101\n")
	return func() { _ = os.Remove(policy) }, errors.Join(err, file.Close())
}

// disableServices keeps them from starting with the machine, too. Only packages that were absent before come here.
func disableServices(ctx context.Context, names []string) error {
	if !exists("/run/systemd/system") {
		return nil
	}
	for _, service := range []string{"containerd", "docker-registry"} {
		if slices.Contains(names, service) {
			if _, err := output(ctx, "systemctl", "disable", service); err != nil {
				return err
			}
		}
	}
	return nil
}
