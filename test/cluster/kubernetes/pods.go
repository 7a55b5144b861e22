package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	internalapi "k8s.io/cri-api/pkg/apis"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
	cri "k8s.io/cri-client/pkg"
)

// removePods stops and removes every pod that the container runtime at the socket os.Args[1] runs. Going through the
// runtime lets it undo what it did for each pod (network, mounts, cgroups), which nobody else can know completely.
func removePods() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: kubernetes remove-pods SOCKET")
		os.Exit(2)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := removeAllPods(ctx, "unix://"+os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func removeAllPods(ctx context.Context, endpoint string) error {
	runtime, err := cri.NewRemoteRuntimeService(endpoint, 30*time.Second, nil, nil)
	if err != nil {
		return fmt.Errorf("connect to the container runtime: %w", err)
	}
	pods, err := runtime.ListPodSandbox(ctx, nil)
	if err != nil {
		return fmt.Errorf("list pods: %w", err)
	}
	failures := make([]error, len(pods))
	var group sync.WaitGroup
	for i, pod := range pods {
		group.Go(func() { failures[i] = removePod(ctx, runtime, pod) })
	}
	group.Wait()
	return errors.Join(failures...)
}

func removePod(ctx context.Context, runtime internalapi.RuntimeService, pod *runtimeapi.PodSandbox) error {
	name := pod.Metadata.Namespace + "/" + pod.Metadata.Name
	if err := runtime.StopPodSandbox(ctx, pod.Id); err != nil {
		return fmt.Errorf("stop pod %s: %w", name, err)
	}
	if err := runtime.RemovePodSandbox(ctx, pod.Id); err != nil {
		return fmt.Errorf("remove pod %s: %w", name, err)
	}
	return nil
}
