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
	if err := awaitReady(ctx, "registry", checkRegistry); err != nil {
		return err
	}
	fmt.Println(registryAddr)
	return nil
}

func checkRegistry(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+registryAddr+"/v2/", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the registry answers %s", response.Status)
	}
	return nil
}
