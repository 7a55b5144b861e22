package main

import (
	"bytes"
	"embed"
	"encoding/base64"
	"fmt"
	"os"
	"text/template"
)

//go:embed config
var templates embed.FS

// render fills the template config/NAME.tmpl; a value that the template names and data lacks is an error.
func render(name string, data any) ([]byte, error) {
	name += ".tmpl" // also keeps formatters of YAML and JSON away from the braces
	text, err := template.New(name).ParseFS(templates, "config/"+name)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := text.Execute(&out, data); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// writeConfiguration writes the file of every part that reads one.
func writeConfiguration(l layout) error {
	for name, target := range map[string]string{
		"containerd.toml":     "containerd.toml",
		"pods.conflist":       "cni/10-pods.conflist",
		"registry-hosts.toml": "registries/" + registryAddr + "/hosts.toml",
		"kubelet.yaml":        "kubelet.yaml",
		"kube-proxy.yaml":     "kube-proxy.yaml",
		"Corefile":            "Corefile",
	} {
		content, err := render(name, l)
		if err != nil {
			return err
		}
		if err := writeFile(config(target), content, 0o644); err != nil {
			return err
		}
	}
	for user := range clients {
		target := config(user + ".kubeconfig")
		if user == "admin" {
			target = kubeconfigFile()
		}
		if err := writeKubeconfig(l, user, target); err != nil {
			return err
		}
	}
	return nil
}

func writeKubeconfig(l layout, user, target string) error {
	data := struct {
		layout
		CA, Certificate, Key string
	}{layout: l}
	for file, field := range map[string]*string{"ca.crt": &data.CA, user + ".crt": &data.Certificate, user + ".key": &data.Key} {
		content, err := os.ReadFile(pki(file))
		if err != nil {
			return fmt.Errorf("read credentials of %s: %w", user, err)
		}
		*field = base64.StdEncoding.EncodeToString(content)
	}
	content, err := render("kubeconfig.yaml", data)
	if err != nil {
		return err
	}
	return writeFile(target, content, 0o600)
}
