package main

import (
	"context"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckCRI(t *testing.T) {
	for _, test := range []struct {
		name, want string
		answer     http.HandlerFunc
	}{
		{"a version", "", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Trailer", "Grpc-Status")
			_, _ = w.Write(make([]byte, 5))
			w.Header().Set("Grpc-Status", "0")
		}},
		{"not yet", "server is not initialized yet", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Grpc-Status", "2")
			w.Header().Set("Grpc-Message", "server is not initialized yet")
		}},
		{"no gRPC", "is no gRPC: 404", func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := checkCRI(context.Background(), serveHTTP2(t, test.answer))
			if test.want == "" && err != nil {
				t.Errorf("got %v", err)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// serveHTTP2 answers on a socket, as containerd does, until the test ends.
func serveHTTP2(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "runtime.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: answer, Protocols: new(http.Protocols)}
	server.Protocols.SetUnencryptedHTTP2(true)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return socket
}
