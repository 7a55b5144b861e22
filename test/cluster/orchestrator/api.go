package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// api talks to the cluster's API server as its administrator.
type api struct{ client *http.Client }

func newAPI() (api, error) {
	certificate, err := tls.LoadX509KeyPair(pki("admin.crt"), pki("admin.key"))
	if err != nil {
		return api{}, err
	}
	client, err := clusterClient(certificate)
	return api{client}, err
}

// get decodes an object into the value, or, with a nil one, only asks whether the answer is 200.
func (a api) get(ctx context.Context, path string, into any) error {
	body, err := a.send(ctx, http.MethodGet, path, "", nil)
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(body, into)
}

// apply creates or updates one object by server-side apply, so that it may be repeated.
func (a api) apply(ctx context.Context, path string, manifest []byte) error {
	_, err := a.send(ctx, http.MethodPatch, path+"?fieldManager=migration-gate-cluster&force=true", "application/apply-patch+yaml", manifest)
	return err
}

func (a api) send(ctx context.Context, method, path, contentType string, content []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, "https://127.0.0.1:"+apiPort+path, bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", contentType)
	response, err := a.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= 300 {
		return nil, fmt.Errorf("%s %s: %s: %s", method, path, response.Status, strings.TrimSpace(string(body)))
	}
	return body, nil
}
