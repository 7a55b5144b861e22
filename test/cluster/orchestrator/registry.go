package main

import (
	"context"
	"fmt"
	"net/http"
)

// registry makes sure that the registry runs and prints its address, to push to and to pull from.
func registry(ctx context.Context) error {
	if err := checkAlive("containerd"); err != nil {
		return errDown
	}
	if err := ensurePackages(ctx, registryNeeds); err != nil {
		return err
	}
	content, err := render("registry.yaml", newLayout())
	if err != nil {
		return err
	}
	if err := writeFile(config("registry.yaml"), content, 0o644); err != nil {
		return err
	}
	if err := ensurePart(ctx, registryPart()); err != nil {
		return err
	}
	if err := awaitReady(ctx, "registry", checkURL(http.DefaultClient, "http://"+registryAddr+"/v2/")); err != nil {
		return err
	}
	fmt.Println(registryAddr)
	return nil
}
