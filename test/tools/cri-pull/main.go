// Command cri-pull speaks to a container runtime as a kubelet does: it pulls, lists and removes images.
//
//	cri-pull SOCKET pull REFERENCE     {"id":"sha256:…","milliseconds":12}
//	cri-pull SOCKET list               [{"id":"sha256:…","tags":["…"],"digests":["…"],"bytes":1}]
//	cri-pull SOCKET remove REFERENCE   {"removed":"…"}
//
// CRI_USERNAME and CRI_PASSWORD, when set, go with a pull as an imagePullSecret's login does.
// A refused call ends with exit 1 and {"error":"…","milliseconds":12}.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// patience is how long one call may take; the kubelet's own limit is of the same order.
const patience = 5 * time.Minute

type image struct {
	ID      string   `json:"id"`
	Tags    []string `json:"tags"`
	Digests []string `json:"digests"`
	Bytes   uint64   `json:"bytes"`
}

func main() {
	if len(os.Args) < 3 || (os.Args[2] != "list" && len(os.Args) != 4) {
		fmt.Fprintln(os.Stderr, "usage: cri-pull SOCKET pull|remove REFERENCE, or cri-pull SOCKET list")
		os.Exit(2)
	}
	started := time.Now()
	answer, err := run(os.Args[1], os.Args[2], append(os.Args[3:], "")[0])
	if err != nil {
		print(map[string]any{"error": err.Error(), "milliseconds": time.Since(started).Milliseconds()})
		os.Exit(1)
	}
	print(answer)
}

func run(socket, verb, reference string) (any, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	connection, err := grpc.NewClient("unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	images := cri.NewImageServiceClient(connection)
	spec := &cri.ImageSpec{Image: reference}
	switch verb {
	case "pull":
		started := time.Now()
		pulled, err := images.PullImage(ctx, &cri.PullImageRequest{Image: spec, Auth: login()})
		if err != nil {
			return nil, err
		}
		return map[string]any{"id": pulled.ImageRef, "milliseconds": time.Since(started).Milliseconds()}, nil
	case "list":
		listed, err := images.ListImages(ctx, &cri.ListImagesRequest{})
		if err != nil {
			return nil, err
		}
		all := []image{}
		for _, i := range listed.Images {
			all = append(all, image{i.Id, i.RepoTags, i.RepoDigests, i.Size})
		}
		return all, nil
	case "remove":
		_, err := images.RemoveImage(ctx, &cri.RemoveImageRequest{Image: spec})
		return map[string]any{"removed": reference}, err
	default:
		return nil, fmt.Errorf("unknown verb %q; use pull, list or remove", verb)
	}
}

func login() *cri.AuthConfig {
	username, isSet := os.LookupEnv("CRI_USERNAME")
	if !isSet {
		return nil
	}
	return &cri.AuthConfig{Username: username, Password: os.Getenv("CRI_PASSWORD")}
}

func print(value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
}
