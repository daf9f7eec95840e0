// Command kube-validate says what a Kubernetes API server would refuse in a file of manifests.
//
//	kube-validate [--level LEVEL] [--json] [FILE]
//
// Every object goes the way of a create request: strict decoding, defaulting and the API server's own
// create strategy. Every Pod template is then evaluated by Pod Security at the level that its Namespace
// object in the same file states, or at LEVEL. One problem a line on stdout, exit 1 when there is one.
// It does not see what needs a cluster: node ports in use, quotas, webhooks, conflicts of apply.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/util/yaml"
	psa "k8s.io/pod-security-admission/api"
)

// problem is one reason why an API server would refuse an object.
type problem struct {
	Object  string `json:"object"`
	Path    string `json:"path"`
	Message string `json:"message"`
}

func (p problem) String() string {
	if p.Path == "" {
		return fmt.Sprintf("%s: %s", p.Object, p.Message)
	}
	return fmt.Sprintf("%s: %s: %s", p.Object, p.Path, p.Message)
}

func main() {
	level := flag.String("level", "", "Pod Security level for every Pod template, whatever its Namespace states")
	asJSON := flag.Bool("json", false, "print the problems as one JSON array")
	flag.Parse()
	problems, err := run(flag.Arg(0), *level)
	if err != nil {
		fmt.Fprintln(os.Stderr, "kube-validate:", err)
		os.Exit(2)
	}
	if *asJSON {
		if err := json.NewEncoder(os.Stdout).Encode(problems); err != nil {
			panic(err)
		}
	} else {
		for _, p := range problems {
			fmt.Println(p)
		}
	}
	if len(problems) > 0 {
		os.Exit(1)
	}
}

func run(path, level string) ([]problem, error) {
	input := io.Reader(os.Stdin)
	if path != "" && path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		input = file
	}
	if level != "" {
		if _, err := psa.ParseLevel(level); err != nil {
			return nil, err
		}
	}
	problems := []problem{}
	objects := []object{}
	reader := yaml.NewYAMLReader(bufio.NewReader(input))
	for number := 1; ; number++ {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if isEmpty(document) {
			continue
		}
		decoded, found := decode(document, number)
		problems = append(problems, found...)
		if decoded == nil {
			continue
		}
		problems = append(problems, create(*decoded)...)
		objects = append(objects, *decoded)
	}
	if len(problems) == 0 && len(objects) == 0 {
		return nil, errors.New("the input holds no object")
	}
	return append(problems, podSecurity(objects, level)...), nil
}
