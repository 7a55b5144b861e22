package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"time"
)

// healthURLs is where the parts themselves say that they are well. The API's view of them may be older than their end.
var healthURLs = []struct{ part, url string }{
	{"kube-controller-manager", "https://127.0.0.1:26257/healthz"},
	{"kube-scheduler", "https://127.0.0.1:26259/healthz"},
	{"kubelet", "http://127.0.0.1:26248/healthz"},
	{"kube-proxy", "http://127.0.0.1:26256/livez"},
	{"coredns", "http://127.0.0.1:26181/ready"},
}

// clusterClient is an HTTP client that trusts the cluster's authority.
func clusterClient(certificates ...tls.Certificate) (*http.Client, error) {
	ca, err := os.ReadFile(pki("ca.crt"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: certificates}}
	return &http.Client{Transport: transport, Timeout: 10 * time.Second}, nil
}

// checkURL wants a 200 from a URL.
func checkURL(client *http.Client, url string) func(context.Context) error {
	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answers %s", url, response.Status)
		}
		return nil
	}
}

// awaitHealth waits until every part that has a health URL answers there.
func awaitHealth(ctx context.Context) error {
	client, err := clusterClient()
	if err != nil {
		return err
	}
	for _, health := range healthURLs {
		if err := awaitReady(ctx, health.part, checkURL(client, health.url)); err != nil {
			return err
		}
	}
	return nil
}
