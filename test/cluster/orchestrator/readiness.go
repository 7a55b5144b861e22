package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// How long a part may take on a slow, busy machine; on an idle one all of them together need seconds.
const readyLimit = 2 * time.Minute

const readyPause = 50 * time.Millisecond

// awaitReady waits for a condition, and fails at once, with the log, when the part on which it depends has ended.
func awaitReady(ctx context.Context, part string, check func(context.Context) error) error {
	limited, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	return waitFor(limited, readyLimit, readyPause, func(ctx context.Context) error {
		if err := checkAlive(part); err != nil {
			cancel(err)
			return err
		}
		if err := check(ctx); err != nil {
			return fmt.Errorf("%s is not ready: %w", part, err)
		}
		return nil
	})
}

func checkAPI(a api) func(context.Context) error {
	return func(ctx context.Context) error { return a.get(ctx, "/readyz", nil) }
}

func checkNode(a api) func(context.Context) error {
	return func(ctx context.Context) error {
		var node struct {
			Status struct {
				Conditions []struct{ Type, Status, Message string }
			}
		}
		if err := a.get(ctx, "/api/v1/nodes/"+nodeName, &node); err != nil {
			return err
		}
		for _, condition := range node.Status.Conditions {
			if condition.Type == "Ready" && condition.Status == "True" {
				return nil
			}
			if condition.Type == "Ready" {
				return errors.New(condition.Message)
			}
		}
		return errors.New("the node has no Ready condition yet")
	}
}

// checkControllers waits for the work of two controllers without which no pod is admitted: each namespace's default
// ServiceAccount and the ConfigMap with the authority's certificate.
func checkControllers(a api) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := a.get(ctx, "/api/v1/namespaces/default/serviceaccounts/default", nil); err != nil {
			return err
		}
		return a.get(ctx, "/api/v1/namespaces/default/configmaps/kube-root-ca.crt", nil)
	}
}

// checkDNS asks for the API server's name at the Service's address, as a pod would: CoreDNS, its view of the API, and
// kube-proxy's rules have to work for that.
func checkDNS(ctx context.Context) error {
	resolver := &net.Resolver{
		PreferGo: true,
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			dialer := net.Dialer{Timeout: time.Second}
			return dialer.DialContext(ctx, network, net.JoinHostPort(dnsIP, "53"))
		},
	}
	limited, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	addresses, err := resolver.LookupHost(limited, "kubernetes.default.svc.cluster.local.")
	if err != nil {
		return err
	}
	if len(addresses) != 1 || addresses[0] != serviceIP {
		return fmt.Errorf("the API server's name leads to %v", addresses)
	}
	return nil
}
