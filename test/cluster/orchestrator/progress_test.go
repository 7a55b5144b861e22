package main

import (
	"testing"
	"time"
)

func TestTheLineTellsWhatHowFarAndHowLong(t *testing.T) {
	start := time.Now()
	p := &progress{title: "building x (1 of 5)", start: start}
	later := start.Add(83 * time.Second)
	steps := []struct {
		change func()
		want   string
	}{
		{func() {}, "building x (1 of 5), 1:23"},
		{p.downloaded, "building x (1 of 5), modules downloaded: 1, 1:23"},
		{func() { p.total = 900; p.compiled() }, "building x (1 of 5), 1 of at most 900 packages compiled, 1:23"},
		{func() { p.total = 0 }, "building x (1 of 5), 1 of at most 1 packages compiled, 1:23"},
	}
	for _, step := range steps {
		step.change()
		if got := p.line(later); got != step.want {
			t.Errorf("got %q, want %q", got, step.want)
		}
	}
}
