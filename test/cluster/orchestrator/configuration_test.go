package main

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing"
)

func TestEveryTemplateIsFilledCompletely(t *testing.T) {
	l := newLayout()
	l.CNIPlugins = "/usr/lib/cni"
	data := struct {
		layout
		CA, Certificate, Key string
	}{l, "Y2E=", "Y2VydA==", "a2V5"}
	names, err := fs.Glob(templates, "config/*")
	if err != nil || len(names) == 0 {
		t.Fatal("no templates", err)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			base := strings.TrimSuffix(strings.TrimPrefix(name, "config/"), ".tmpl")
			content, err := render(base, data)
			if err != nil {
				t.Fatal(err)
			}
			// A formatter that takes a template for YAML turns {{.Name}} into { { .Name } }.
			if text := string(content); strings.Contains(text, "{ {") || strings.Contains(text, "<no value>") {
				t.Error(text)
			}
		})
	}
}

func TestTheNetworkListIsJSON(t *testing.T) {
	content, err := render("pods.conflist", newLayout())
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(content) {
		t.Errorf("%s", content)
	}
}

func TestUnknownNamesAreForwardedOnlyWhereThereIsAResolver(t *testing.T) {
	for _, there := range []bool{true, false} {
		l := newLayout()
		l.ForwardDNS = there
		content, err := render("Corefile", l)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(content), "forward .") != there {
			t.Errorf("resolver %v:\n%s", there, content)
		}
	}
}
