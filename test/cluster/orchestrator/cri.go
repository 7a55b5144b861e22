package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

func checkContainerd(ctx context.Context) error { return checkCRI(ctx, containerdSocket()) }

// checkCRI asks the runtime behind a socket for its version, as the kubelet does at its start, and ends where it gets
// none. A containerd that was started again answers its own client at once, but this only when it knows its containers.
//
// The call is gRPC by hand: an empty message (no compression, no length), and a status in the trailer.
func checkCRI(ctx context.Context, socket string) error {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{
		Protocols: protocols,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}
	defer transport.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	url := "http://runtime/runtime.v1.RuntimeService/Version"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(make([]byte, 5)))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/grpc")
	request.Header.Set("TE", "trailers")
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	// A refusal without a message has its status in the header.
	for _, status := range []http.Header{response.Trailer, response.Header} {
		switch status.Get("Grpc-Status") {
		case "":
		case "0":
			return nil
		default:
			return fmt.Errorf("the runtime does not tell its version: %s", status.Get("Grpc-Message"))
		}
	}
	return fmt.Errorf("the runtime's answer is no gRPC: %s", response.Status)
}
